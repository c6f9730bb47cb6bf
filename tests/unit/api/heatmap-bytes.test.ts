import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { handleBytes } from '../../../core/api/bytes.ts';
import { float32, openWorkspace, safetensorsBytes, scratchFolder } from '../workspace/support.ts';

const QUERY = 'rowAxis=0&columnAxis=1&index=0,0&rows=0,2&columns=0,3&height=2&width=3&reduce=mean&colorMap=diverging';

async function openPair() {
  const folder = await scratchFolder();
  const workspace = await openWorkspace(folder);
  const open = async (name: string, shape: readonly number[], values: readonly number[]) => {
    const path = join(folder, name);
    await writeFile(path, safetensorsBytes([{ name: 'w', dtype: 'F32', shape, bytes: float32(...values) }]));
    const document = await workspace.open(path);
    return { document: document.summary().id, tensor: document.idOf('w') };
  };
  const a = await open('a.safetensors', [2, 3], [1, 2, 3, Number.NaN, 5, 6]);
  const b = await open('b.safetensors', [2, 3], [1, 0, 6, 1, 5, 2]);
  const other = await open('c.safetensors', [3, 2], [0, 0, 0, 0, 0, 0]);
  const ask = async (path: string) => {
    const { status, headers, body } = await handleBytes(workspace, new URL(`http://host/bytes/${path}`));
    return { status, body, meta: JSON.parse(headers['parascope-meta'] ?? 'null') };
  };
  return {
    workspace,
    a: `${a.document}/${a.tensor}`,
    b: `${b.document}/${b.tensor}`,
    other: `${other.document}/${other.tensor}`,
    ask,
  };
}

const pixelsOf = (body: Uint8Array, count: number) => Array.from(new Float32Array(body.slice(0, 4 * count).buffer));

test('a heatmap and its differences from another come with their range and how that was chosen', async () => {
  const { a, b, ask } = await openPair();
  const one = await ask(`heatmap/${a}?${QUERY}&range=full`);
  expect(one.meta).toEqual({ height: 2, width: 3, exact: true, range: [1, 6], rangeChoice: 'full' });
  const delta = await ask(`delta/${a}/${b}?${QUERY}`);
  expect(delta.meta).toEqual({ height: 2, width: 3, exact: true, range: [-4, 4], rangeChoice: 'symmetric' });
  expect(pixelsOf(delta.body, 6)).toEqual([0, 2, -3, Number.NaN, 0, 4]);
  expect(delta.body).toHaveLength(6 * 8);
  const given = await ask(`delta/${a}/${b}?${QUERY}&range=-1.5,2&effort=exact`);
  expect(given.meta).toMatchObject({ range: [-1.5, 2], rangeChoice: 'given' });
  expect(pixelsOf((await ask(`delta/${a}/${a}?${QUERY}`)).body, 6)).toEqual([0, 0, 0, Number.NaN, 0, 0]);
});

test.each([
  ['another shape', 'delta/A/OTHER', '', 400, /shape/i],
  ['no second tensor', 'delta/A', '', 404, /document/i],
  ['an id that is no number', 'delta/A/DOCUMENT/x', '', 400, /number of a tensor/],
  ['an id that is missing', 'delta/A/DOCUMENT/', '', 400, /number of a tensor/],
  ['a document that is not open', 'delta/A/none/0', '', 404, /none/],
  ['a choice of range that is none', 'heatmap/A', '&range=some', 400, /malformed/],
  ['a range of three numbers', 'heatmap/A', '&range=1,2,3', 400, /malformed/],
  ['a range upside down', 'heatmap/A', '&range=2,1', 400, /lower first/],
  ['an effort that is none', 'heatmap/A', '&effort=some', 400, /malformed/],
  ['a parameter that is none', 'heatmap/A', '&low=1', 400, /malformed/],
])('of %s is refused with the reason', async (_, path, more, status, message) => {
  const { a, other, ask } = await openPair();
  const full = path
    .replace('A', a)
    .replace('OTHER', other)
    .replace('DOCUMENT', a.split('/')[0] ?? '');
  const answer = await ask(`${full}?${QUERY}${more}`);
  expect(answer.status).toBe(status);
  expect(JSON.parse(new TextDecoder().decode(answer.body)).message).toMatch(message);
});

test('one of all elements is a task that follows the request', async () => {
  const { workspace, a } = await openPair();
  const stopped = AbortSignal.abort();
  const url = new URL(`http://host/bytes/heatmap/${a}?${QUERY}&effort=exact`);
  const { status, body } = await handleBytes(workspace, url, { signal: stopped });
  expect(status).toBe(400);
  expect(JSON.parse(new TextDecoder().decode(body)).code).toBe('CANCELLED');
});
