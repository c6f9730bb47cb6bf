import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { FileAccess } from '../../../core/api/file-access.ts';
import { appRouter } from '../../../core/api/router.ts';
import type { FindEvent, HealthEvent } from '../../../core/api/types.ts';
import type { Document, Workspace } from '../../../core/workspace/contract.ts';
import { float32, openWorkspace, safetensorsBytes, scratchFolder } from '../workspace/support.ts';

const TENSORS = [
  { name: 'a.weight', dtype: 'F32', shape: [2, 2], bytes: float32(1, 2, Number.NaN, Number.NEGATIVE_INFINITY) },
  { name: 'b.weight', dtype: 'F32', shape: [2, 1], bytes: float32(3, 3) },
  { name: 'b.bias', dtype: 'F32', shape: [3], bytes: float32(0, 0, 0) },
  { name: 'c', dtype: 'F32', shape: [2], bytes: float32(1, 2) },
];

let workspace: Workspace;
afterEach(() => workspace.close());

async function opened(): Promise<{ document: Document; path: string }> {
  const folder = await scratchFolder();
  const path = join(folder, 'odd.safetensors');
  writeFileSync(path, safetensorsBytes(TENSORS));
  workspace = openWorkspace(folder);
  return { document: await workspace.open(path), path };
}

function api() {
  return appRouter.createCaller({ workspace, files: {} as FileAccess, version: '0' });
}

async function foundBy(document: string, query: string): Promise<{ names: string[]; last: FindEvent | undefined }> {
  const { ids, names } = workspace.document(document).listing();
  const found: number[] = [];
  let last: FindEvent | undefined;
  for await (const event of await api().scans.find({ document, query })) {
    found.push(...event.tensors);
    last = event;
  }
  return { names: found.map((id) => names[ids.indexOf(id)] ?? '').sort(), last };
}

async function healthOf(
  document: string,
  knownOnly = false,
): Promise<{ found: unknown[]; last: HealthEvent | undefined }> {
  const found: unknown[] = [];
  let last: HealthEvent | undefined;
  for await (const event of await api().scans.health({ document, knownOnly })) {
    found.push(...event.found);
    last = event;
  }
  return { found: found.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))), last };
}

test.each([
  ['weight -dtype:f16', ['a.weight', 'b.weight']],
  ['nans>0', ['a.weight']],
  ['zeros<3 std:0', ['b.weight']],
  ['rank=7', []],
])('%s finds %j', async (query, names) => {
  const { document } = await opened();
  const { names: found, last } = await foundBy(document.id, query);
  expect(found).toEqual(names);
  expect(last?.end).toEqual({ failed: 0, failures: [] });
});

test('a query that is none says where', async () => {
  const { document } = await opened();
  await expect(foundBy(document.id, 'size>much')).rejects.toMatchObject({ details: { start: 5, end: 9 } });
});

test('health tells what stands out, from memory where nothing is to be read', async () => {
  const { document } = await opened();
  expect(await healthOf(document.id, true)).toMatchObject({ found: [], last: { scanned: 0, end: { unread: 4 } } });
  const expected = [
    { tensor: 0, findings: ['nan', 'infinite'] },
    { tensor: 1, findings: ['constant'] },
    { tensor: 2, findings: ['zero'] },
  ];
  const { found, last } = await healthOf(document.id);
  expect(found).toEqual(expected);
  expect(last).toMatchObject({ scanned: 4, reading: { done: 44, total: 44 }, end: { unread: 0, failed: 0 } });
  expect(await healthOf(document.id, true)).toMatchObject({
    found: expected,
    last: { scanned: 4, reading: { total: 0 } },
  });
});

test('after an edit only that tensor is unknown', async () => {
  const { document } = await opened();
  await healthOf(document.id);
  await document.edit({ kind: 'fill', select: 'c', value: '5' });
  expect(await healthOf(document.id, true)).toMatchObject({ last: { scanned: 3, end: { unread: 1 } } });
  const { found, last } = await healthOf(document.id);
  expect(found).toContainEqual({ tensor: 3, findings: ['constant'] });
  expect(last?.reading).toEqual({ done: 8, total: 8 });
});

test('a file that changed is said, not answered for', async () => {
  const { document, path } = await opened();
  await healthOf(document.id);
  writeFileSync(path, safetensorsBytes(TENSORS.slice(1)));
  await expect(healthOf(document.id)).rejects.toMatchObject({ code: 'FILE_CHANGED' });
});

test('who stops listening ends the work', async () => {
  const { document } = await opened();
  let stopped = false;
  const stats = workspace.engine.stats.bind(workspace.engine);
  workspace.engine.stats = async (tensor, options) => {
    await new Promise((resolve) => {
      options?.signal?.addEventListener('abort', resolve);
    });
    stopped = true;
    return stats(tensor, options);
  };
  for await (const event of await api().scans.find({ document: document.id, query: 'std>0' })) {
    expect(event.reading.total).toBe(44);
    break;
  }
  expect(stopped).toBe(true);
  expect(workspace.tasks().filter(({ state }) => state === 'running')).toEqual([]);
});
