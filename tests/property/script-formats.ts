import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workspace } from '../../core/workspace/contract.ts';
import { containerFixtures } from '../fixtures/catalog.ts';
import { bytesOf, fileTensor, MODEL_DTYPES, type ModelTensor } from '../unit/workspace/model.ts';
import { safetensorsBytes } from '../unit/workspace/support.ts';
import type { EditScriptOptions, EditStep } from './edit-scripts.ts';

/** A format that random scripts are played on: how a file of it comes to be, and which edits it holds. */
export interface ScriptFormat {
  readonly name: string;
  readonly scripts: EditScriptOptions;
  /** How many scripts. */
  readonly runs: number;
  /** Makes a file of the tensors in an empty folder, and gives its path. */
  readonly write: (
    place: { readonly workspace: Workspace; readonly folder: string },
    start: readonly ModelTensor[],
  ) => Promise<string>;
}

/** The formats that new files can be written in: the start is one that Parascope converts to. */
export const NEW_FILE_FORMATS: readonly ScriptFormat[] = [
  { name: 'mxnet', runs: 70, scripts: {}, write: converted('model.params') },
  { name: 'npz', runs: 70, scripts: {}, write: converted('model.npz') },
  { name: 'npy', runs: 30, scripts: npyScripts(), write: converted('array.npy') },
  { name: 'pytorch', runs: 70, scripts: {}, write: converted('model.pt') },
  { name: 'gguf', runs: 70, scripts: ggufScripts(), write: converted('model.gguf') },
  { name: 'onnx', runs: 70, scripts: {}, write: converted('model.onnx') },
  {
    name: 'flax-msgpack',
    runs: 70,
    scripts: { nameOf: pathName, refuses: leadsThroughTensor },
    write: converted('model.msgpack'),
  },
  { name: 'hdf5', runs: 70, scripts: { nameOf: hdf5Path, refuses: leadsThroughTensor }, write: converted('model.h5') },
];

/** Weights without a topology, which may be renamed and deleted. */
export const TFJS: ScriptFormat = {
  name: 'tfjs',
  runs: 30,
  scripts: {
    dtypes: ['float32', 'int32', 'bool'],
    casts: MODEL_DTYPES,
    refuses: changesMoreThan(['float32', 'int32', 'bool']),
  },
  async write({ folder }, start) {
    const bytes = Buffer.concat(start.map(bytesOf));
    // Files are cut by bytes, in the middle of an element too.
    const cut = Math.floor(bytes.length / 2) | 1;
    const weights = start.map(({ name, shape, dtype }) => ({ name, shape, dtype }));
    const weightsManifest = [{ paths: ['a.bin', 'b.bin'], weights }];
    await writeFile(join(folder, 'a.bin'), bytes.subarray(0, cut));
    await writeFile(join(folder, 'b.bin'), bytes.subarray(cut));
    await writeFile(join(folder, 'model.json'), JSON.stringify({ weightsManifest }));
    return join(folder, 'model.json');
  },
};

/** Two shards of torch's with the index that transformers writes beside them. */
export const TORCH_SHARDS: ScriptFormat = {
  name: 'pytorch-index',
  runs: 40,
  scripts: {},
  async write(place, start) {
    const names = ['model-00001-of-00002.bin', 'model-00002-of-00002.bin'];
    const weights: [string, string][] = [];
    for (const [shard, name] of names.entries()) {
      const tensors = start.filter((_, i) => (start.length === 1 ? 0 : i % 2) === shard);
      if (tensors.length > 0) await converted(name)(place, tensors);
      weights.push(...tensors.map((tensor): [string, string] => [tensor.name, name]));
    }
    const path = join(place.folder, 'model.bin.index.json');
    const metadata = { total_size: start.reduce((sum, tensor) => sum + bytesOf(tensor).length, 0) };
    await writeFile(path, JSON.stringify({ metadata, weight_map: Object.fromEntries(weights) }, null, 2));
    return path;
  },
};

/** A file of `start`, which holds more than these. */
export function fixtureFormat(
  id: string,
  { start, runs }: { readonly start: readonly ModelTensor[]; readonly runs: number },
): ScriptFormat {
  return {
    name: id,
    runs,
    scripts: { start, casts: MODEL_DTYPES, nameOf: (n) => `/new/${n}` },
    async write({ folder }) {
      const path = join(folder, id.split('/').at(-1) ?? '');
      await cp(fixturePath(id), path);
      return path;
    },
  };
}

export function fixturePath(id: string): string {
  const fixture = containerFixtures(['hdf5', 'keras']).find((candidate) => candidate.id === id);
  if (!fixture) throw new Error(`There is no fixture ${id}.`);
  return fixture.path;
}

function converted(file: string): ScriptFormat['write'] {
  return async ({ workspace, folder }, start) => {
    const source = join(folder, 'source', 'start.safetensors');
    await mkdir(join(folder, 'source'), { recursive: true });
    await writeFile(source, safetensorsBytes(start.map(fileTensor)));
    const document = await workspace.open(source);
    await document.exportTo(join(folder, file));
    await workspace.closeDocument(document.id);
    return join(folder, file);
  };
}

/** One array, which is called after its file. */
function npyScripts(): EditScriptOptions {
  const names = ['array', 'other'];
  return {
    maxStart: 1,
    nameOf: (n) => names[n] ?? `new.${n}`,
    refuses: changesNames,
  };
}

/** Sizes of ggml: no booleans, no unsigned integers, four axes at most. */
function ggufScripts(): EditScriptOptions {
  const dtypes = ['int32', 'int64', 'float32', 'float64'] as const;
  const known: readonly string[] = dtypes;
  return {
    dtypes,
    casts: MODEL_DTYPES,
    refuses: ({ after }) => after.some(({ dtype, shape }) => !known.includes(dtype) || shape.length > 4),
  };
}

/** Names of which some lie under others. */
function pathName(n: number): string {
  return ['net/a', 'net/b/kernel', 'c', 'net', 'net/b', 'c/d'][n] ?? `new/${n}`;
}

function hdf5Path(n: number): string {
  return `/${pathName(n)}`;
}

/** A map cannot be a tensor as well. */
function leadsThroughTensor({ after }: EditStep): boolean {
  return after.some(({ name }) => after.some((other) => other.name.startsWith(`${name}/`)));
}

function changesNames({ before, after }: EditStep): boolean {
  return before.map(({ name }) => name).join('\n') !== after.map(({ name }) => name).join('\n');
}

/** Tensors come, or take other shapes, or a dtype that is neither their own nor one of `dtypes`. */
function changesMoreThan(dtypes: readonly string[]): (step: EditStep) => boolean {
  return ({ edit, before, after }) => {
    if (after.length > before.length) return true;
    if (after.length < before.length) return false;
    return after.some(({ dtype, shape }, i) => {
      const former = before[i];
      const isHeld = dtype === former?.dtype || dtypes.includes(dtype);
      return edit.kind !== 'rename' && (!isHeld || shape.join() !== former?.shape.join());
    });
  };
}
