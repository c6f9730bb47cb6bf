import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FileSource } from '../../../core/checkpoint/byte-source.ts';
import { openCheckpoint, openStaged } from '../../../core/checkpoint/open.ts';
import { FileAccessError, SaveFailedError } from '../../../core/errors.ts';
import { CommitLog } from '../../../core/workspace/save/commit-record.ts';
import { execute } from '../../../core/workspace/save/execute.ts';
import type { Output, OutputPlan } from '../../../core/workspace/save/format-writer.ts';
import { openWorkspace, scratchFolder } from '../workspace/support.ts';

const DATA = fileURLToPath(new URL('../../fixtures/data', import.meta.url));
const SETS = [
  'hf/gpt2_sharded/model.safetensors.index.json',
  'gguf/split/m-00001-of-00003.gguf',
  'onnx/external_one/model.onnx',
  'tfjs/layers/model.json',
];

function contents(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]));
}

async function copied(id: string): Promise<{ root: string; folder: string; path: string }> {
  const root = await scratchFolder();
  const folder = join(root, 'model');
  cpSync(dirname(join(DATA, id)), folder, { recursive: true });
  return { root, folder, path: join(folder, basename(id)) };
}

/** A last file of `size` bytes, none of which is what belongs there. */
function cutShort(output: Output, size: number): Output {
  const bytes = new Uint8Array(size);
  return { ...output, content: { base: null, segments: [{ kind: 'bytes', to: 0, bytes }], size } };
}

test.each(SETS)('%s: a file that does not fit the others stops the save before one of them is replaced', async (id) => {
  const { root, folder, path } = await copied(id);
  const before = contents(folder);
  const former = await openCheckpoint(path);
  const last = former.files.at(-1);
  if (!last) throw new Error('The checkpoint has no files.');
  const plan: OutputPlan = {
    outputs: [cutShort({ target: last.path, content: { base: last, segments: [], size: 0 }, kind: 'part' }, 4)],
    removes: [],
  };
  const commits = new CommitLog(join(root, 'commits'));
  const work = { engine: openWorkspace(root).engine, signal: new AbortController().signal, onBytes: () => {} };
  const save = execute({ plan, path, commits, former, beforeReplacing: async () => {} }, work);
  await expect(save).rejects.toThrow(SaveFailedError);
  await expect(save).rejects.toThrow(/does not pass the checks of its format.*The file is as it was/);
  expect(contents(folder)).toEqual(before);
});

test('a checkpoint is read through the files that will take their places', async () => {
  const { root, folder, path } = await copied('hf/gpt2_sharded/model.safetensors.index.json');
  const former = await openCheckpoint(path);
  const last = former.files.at(-1)?.path ?? '';
  const elsewhere = join(root, 'elsewhere');
  cpSync(last, elsewhere);
  const staged = (place: string | null) =>
    openStaged({ path, format: 'safetensors-index', standIns: new Map([[last, place]]) }, []);
  const checkpoint = await staged(elsewhere);
  expect(checkpoint.entries).toEqual(former.entries);
  expect(checkpoint.files.map((file) => file.path)).toEqual(former.files.map((file) => file.path));
  await expect(staged(null)).rejects.toThrow(FileAccessError);
  const source = await FileSource.open(last, new Map([[last, elsewhere]]));
  expect(Buffer.from(await source.read(0, 8))).toEqual(readFileSync(elsewhere).subarray(0, 8));
  expect(source.name).toBe('model-00004-of-00004.safetensors');
  expect(readdirSync(folder)).toContain(source.name);
});
