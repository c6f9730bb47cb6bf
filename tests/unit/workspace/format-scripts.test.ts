import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { InvalidArgumentError, UnsupportedEditError } from '../../../core/errors.ts';
import type { Document } from '../../../core/workspace/contract.ts';
import { type EditAttempt, editScripts } from '../../property/edit-scripts.ts';
import {
  fixtureFormat,
  fixturePath,
  NEW_FILE_FORMATS,
  type ScriptFormat,
  TFJS,
  TORCH_SHARDS,
} from '../../property/script-formats.ts';
import { bytesOf, MODEL_DTYPES, type ModelTensor, valuesIn } from './model.ts';
import { sharedWorkspace } from './support.ts';

const { folder, workspace } = sharedWorkspace();

/** By name: dtype, shape and bytes, little-endian. */
type Contents = Record<string, string>;

function modelContents(tensors: readonly ModelTensor[]): Contents {
  return Object.fromEntries(
    tensors.map((tensor) => [tensor.name, described(tensor.dtype, tensor.shape, bytesOf(tensor))]),
  );
}

function described(dtype: string, shape: readonly number[], bytes: Uint8Array): string {
  return `${dtype} (${shape.join(', ')}) ${Buffer.from(bytes).toString('hex')}`;
}

async function contents(document: Document, isMeant: (name: string) => boolean = () => true): Promise<Contents> {
  const { ids, names, dtypes, shapes } = document.listing();
  const found: Contents = {};
  for (const [i, name] of names.entries()) {
    if (!isMeant(name)) continue;
    const shape = shapes[i] ?? [];
    const count = shape.reduce((product, size) => product * size, 1);
    const bytes = count === 0 ? new Uint8Array() : await workspace.engine.read(document.lazy(ids[i] ?? -1), 0, count);
    found[name] = described(dtypes[i] ?? '', shape, bytes);
  }
  return found;
}

/** What the format cannot hold is refused with its reason, and leaves no trace. */
async function attempt(document: Document, { edit, isRefused }: EditAttempt): Promise<void> {
  if (!isRefused) return await document.edit(edit);
  const before = [document.history(), document.listing()];
  const error: unknown = await document.edit(edit).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(
    error instanceof UnsupportedEditError || error instanceof InvalidArgumentError,
    `${JSON.stringify(edit)}: ${String(error)}`,
  ).toBe(true);
  expect([document.history(), document.listing()]).toEqual(before);
}

async function play(format: ScriptFormat): Promise<void> {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(editScripts(format.scripts), async ({ start, attempts, edits, end }) => {
      const place = join(folder, `${format.name.replaceAll('/', '-')}-${run++}`);
      await mkdir(place);
      const path = await format.write({ workspace, folder: place }, start);
      const original = await readFile(path);
      const tracked = new Set([...start, ...end].map(({ name }) => name));
      const isTracked = (name: string): boolean => format.scripts.start === undefined || tracked.has(name);
      const document = await workspace.open(path);
      const others = format.scripts.start ? await contents(document, (name) => !isTracked(name)) : {};
      for (const each of attempts) await attempt(document, each);
      expect(await contents(document, isTracked)).toEqual(modelContents(end));
      await workspace.closeDocument(document.id);

      const again = await workspace.open(path);
      if (edits.length > 0) await again.resume();
      expect(await contents(again, isTracked)).toEqual(modelContents(end));
      while (again.summary().undo !== null) await again.undo();
      expect(await contents(again, isTracked)).toEqual(modelContents(start));
      expect(await again.planSave()).toMatchObject({ action: 'none', bytesToWrite: 0 });
      expect(await readFile(path)).toEqual(original);
      while (again.summary().redo !== null) await again.redo();
      await again.save({ inPlace: run % 2 === 0 });
      await workspace.closeDocument(again.id);

      const saved = await workspace.open(path);
      expect(await contents(saved)).toEqual({ ...others, ...modelContents(end) });
      await workspace.closeDocument(saved.id);
      await rm(place, { recursive: true });
    }),
    { numRuns: format.runs },
  );
}

test.each([...NEW_FILE_FORMATS, TFJS, TORCH_SHARDS].map((format) => [format.name, format] as const))(
  'random scripts over %s: replayed from the journal, undone, redone and saved, they leave what a plain model says',
  async (_, format) => play(format),
  600_000,
);

/** The smaller tensors of a fixture that can be edited, and to which nothing of the file leads by name. */
async function modelled(id: string): Promise<ModelTensor[]> {
  const checkpoint = await openCheckpoint(fixturePath(id));
  const tensors: ModelTensor[] = [];
  const linked = new Set((checkpoint.values ?? []).map(({ text }) => text));
  for (const entry of checkpoint.entries) {
    const { name, shape, facts = {}, nbytes } = entry;
    const dtype = MODEL_DTYPES.find((candidate) => candidate === entry.dtype);
    if (!dtype || facts.unreadable || linked.has(name) || name.includes('.') || nbytes > 1024) continue;
    tensors.push({ name, dtype, shape, values: valuesIn(await checkpoint.read(entry), dtype) });
  }
  await checkpoint.close();
  return tensors;
}

test.each([
  ['hdf5/earliest.h5', 12],
  ['keras/functional.keras', 18],
] as const)(
  'random scripts over %s: replayed, undone, redone and saved, they leave what a plain model says',
  async (id, runs) => {
    const start = await modelled(id);
    expect(start.length).toBeGreaterThan(3);
    await play(fixtureFormat(id, { start, runs }));
  },
  600_000,
);
