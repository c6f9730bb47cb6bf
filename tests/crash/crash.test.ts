import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Edit } from '../../core/workspace/edits.ts';
import { createWorkspace } from '../../core/workspace/workspace.ts';
import type { Expected } from '../fixtures/catalog.ts';
import { temporaryFolder } from '../unit/checkpoint/make.ts';

const DATA = fileURLToPath(new URL('../fixtures/data', import.meta.url));
const KILL_POINT = fileURLToPath(new URL('./kill-point.cjs', import.meta.url));
const CHILD = fileURLToPath(new URL('./saving.process.mjs', import.meta.url));
/** Kills per save; `PARASCOPE_KILL_POINTS=all` tries every point. */
const KILLS = process.env.PARASCOPE_KILL_POINTS === 'all' ? Infinity : Number(process.env.PARASCOPE_KILL_POINTS ?? 4);
const scratch = temporaryFolder();
let runs = 0;

/** Two shards of torch's, made of files that are. */
const TORCH_SHARDS = 'made/torch_sharded/pytorch_model.bin.index.json';

/** A small file of each format that is written. Those of several files lie in a folder of their own. */
const SEEDS = [
  'hf/lora_adapter/adapter_model.safetensors',
  'hf/gpt2_sharded/model.safetensors.index.json',
  'gguf/split/m-00001-of-00003.gguf',
  'mxnet/all_dtypes_v2.params',
  'flax/params.msgpack',
  'gguf/model_like.gguf',
  'tfjs/layers/model.json',
  'numpy/f4.npy',
  'numpy/plain.npz',
  'pytorch/state_dict.pt',
  TORCH_SHARDS,
  'hdf5/latest.h5',
  'keras/functional.weights.h5',
  'keras/functional.keras',
  'onnx/mlp_raw.onnx',
  'onnx/external_one/model.onnx',
];
const FOLDERS = /sharded|split|external|tfjs/;
/** Formats in which names cannot be changed: the one array of a file has none, layers make their own. */
const NAMELESS = /\.npy$|tfjs\/layers/;

function pathOf(file: string): string {
  return file.startsWith('made/') ? join(scratch.path, file) : join(DATA, file);
}

beforeAll(() => {
  const folder = dirname(pathOf(TORCH_SHARDS));
  mkdirSync(folder, { recursive: true });
  const weights: [name: string, shard: string][] = [];
  const tensors: Expected['tensors'][number][] = [];
  for (const file of ['pytorch/state_dict.pt', 'pytorch/dtypes.pt']) {
    cpSync(join(DATA, file), join(folder, basename(file)));
    for (const tensor of expectedOf(file)) {
      tensors.push(tensor);
      weights.push([tensor.name, basename(file)]);
    }
  }
  writeFileSync(pathOf(TORCH_SHARDS), JSON.stringify({ metadata: {}, weight_map: Object.fromEntries(weights) }));
  writeFileSync(`${pathOf(TORCH_SHARDS)}.expected.json`, JSON.stringify({ tensors }));
});

const fill = (tensor: string): Edit[] => [{ kind: 'fill', select: [tensor], value: '3' }];
const rename = (tensor: string): Edit[] => [{ kind: 'rename', from: tensor, to: `${tensor}_renamed` }];
const WAYS = [
  { what: 'values by a copy', edits: fill, inPlace: false },
  { what: 'values in place', edits: fill, inPlace: true },
  { what: 'names', edits: rename, inPlace: false },
] as const;

interface Case {
  readonly file: string;
  readonly edits: readonly Edit[];
  readonly inPlace: boolean;
}

interface Outcome {
  readonly killed: boolean;
  /** Folder of the checkpoint, and what it holds now. */
  readonly folder: string;
  readonly path: string;
  readonly state: string;
  readonly said: { readonly plan?: string; readonly points?: number; readonly unsavable?: string };
}

/** Copies the checkpoint to a place of its own, and saves it there, killed at change `at` of the disk. */
function save({ file, edits, inPlace }: Case, at?: number): Outcome {
  const root = join(scratch.path, String(runs++));
  const folder = join(root, 'model');
  mkdirSync(folder, { recursive: true });
  for (const name of namesOf(file)) cpSync(join(dirname(pathOf(file)), name), join(folder, name));
  const path = join(folder, basename(file));
  const state = join(root, 'state');
  const order = JSON.stringify({ path, state, edits, inPlace, at });
  const { stdout, stderr, signal, status } = spawnSync(process.execPath, ['--require', KILL_POINT, CHILD, order], {
    encoding: 'utf8',
    env: { ...process.env, PARASCOPE_SCRATCH: join(root, 'scratch') },
  });
  if (signal !== 'SIGKILL' && status !== 0) throw new Error(`${file}: ${stderr}`);
  return { killed: signal === 'SIGKILL', folder, path, state, said: stdout ? JSON.parse(stdout) : {} };
}

/** Opens in a process of its own, killed at change `at` of the disk; whether there were so many. */
function reopen({ path, state, folder }: Outcome, at: number): boolean {
  const order = JSON.stringify({ path, state, at, opens: true });
  const { stderr, signal, status } = spawnSync(process.execPath, ['--require', KILL_POINT, CHILD, order], {
    encoding: 'utf8',
    env: { ...process.env, PARASCOPE_SCRATCH: join(dirname(folder), 'scratch') },
  });
  if (signal !== 'SIGKILL' && status !== 0) throw new Error(stderr);
  return signal === 'SIGKILL';
}

/** The files of a checkpoint among the fixtures. */
function namesOf(file: string): string[] {
  if (!FOLDERS.test(file)) return [basename(file)];
  return readdirSync(dirname(pathOf(file))).filter((name) => !name.endsWith('.expected.json'));
}

function digest(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Sums of files by name. */
function contentOf(folder: string, names: readonly string[] = readdirSync(folder)): Record<string, string> {
  return Object.fromEntries(names.toSorted().map((name) => [name, digest(join(folder, name))]));
}

function expectedOf(file: string): Expected['tensors'] {
  return (JSON.parse(readFileSync(`${pathOf(file)}.expected.json`, 'utf8')) as Expected).tensors;
}

function tensorOf(file: string): string {
  const tensors = expectedOf(file);
  // Not of the first file: all of a checkpoint's files are saved alike.
  const tensor = tensors.findLast(({ dtype_norm, shape }) => dtype_norm === 'float32' && shape.length > 0);
  // The one array of a .npy is named after the file.
  return tensor?.name || basename(file, '.npy');
}

/** Where to be killed: the first points, the last ones, and some between. */
function pointsOf(count: number): number[] {
  if (count <= KILLS) return Array.from({ length: count }, (_, i) => i + 1);
  return Array.from({ length: KILLS }, (_, i) => 1 + Math.round((i * (count - 1)) / (KILLS - 1)));
}

/** Opens what a kill left, resumes the edits where they are offered, and saves. */
async function recovered({ path, state }: Outcome): Promise<string> {
  const workspace = createWorkspace({ stateDirectory: state, threads: 1 });
  try {
    const document = await workspace.open(path);
    const { recovery, warnings } = document.summary();
    expect(warnings).toEqual([]);
    if (!recovery) return 'saved';
    expect(recovery.fileUnchanged).toBe(true);
    await document.resume();
    await document.save();
    return 'resumed';
  } finally {
    await workspace.close();
  }
}

/** Opens what a kill left, which finishes or undoes it; the sentences that tell of it. */
async function repaired({ path, state }: Outcome): Promise<readonly string[]> {
  const workspace = createWorkspace({ stateDirectory: state, threads: 1, journaling: false });
  try {
    return (await workspace.open(path)).summary().warnings ?? [];
  } finally {
    await workspace.close();
  }
}

async function checkKilled(outcome: Outcome, { before, after }: { before: object; after: object }): Promise<string> {
  const wasInPlace = readdirSync(outcome.folder).some((name) => name.endsWith('.parascope-undo'));
  const warnings = await repaired(outcome);
  const found = contentOf(outcome.folder);
  const isOld = isDeepStrictEqual(found, before);
  if (!isOld) expect(found).toEqual(after);
  const told = isOld ? /as it was before that save/ : /it is finished now/;
  expect(warnings).toEqual(wasInPlace ? [expect.stringMatching(told)] : []);
  const how = await recovered(outcome);
  if (isOld) expect(how).toBe('resumed');
  expect(contentOf(outcome.folder)).toEqual(after);
  return how;
}

/** Of each file it takes two runs per point. */
const REPAIRED = ['pytorch/state_dict.pt', 'onnx/external_one/model.onnx'];

test.each(REPAIRED)(
  '%s: an opening that is killed while it finishes a save in place is finished by the next',
  async (file) => {
    const task = { file, edits: fill(tensorOf(file)), inPlace: true };
    const whole = save(task);
    const after = contentOf(whole.folder);
    // The last point at which the record lies there, whole, and the file is not all written.
    const at = (whole.said.points ?? 0) - 4;
    let isOver = false;
    for (let point = 1; !isOver; point++) {
      const outcome = save(task, at);
      expect(readdirSync(outcome.folder).filter((name) => name.endsWith('.parascope-undo'))).toHaveLength(1);
      isOver = !reopen(outcome, point);
      if (isOver) expect(point).toBeGreaterThan(4);
      await repaired(outcome);
      expect(contentOf(outcome.folder)).toEqual(after);
      rmSync(dirname(outcome.folder), { recursive: true, force: true });
    }
  },
  900_000,
);

describe.each(SEEDS)('%s', (file) => {
  const ways = WAYS.filter(({ edits }) => edits === fill || !NAMELESS.test(file));
  test.each(ways)(
    'killed while $what are saved: the old checkpoint or the new one, and no edit is lost',
    async ({ edits, inPlace }) => {
      const task = { file, edits: edits(tensorOf(file)), inPlace };
      const whole = save(task);
      expect(whole.said.unsavable).toBeUndefined();
      const before = contentOf(dirname(pathOf(file)), namesOf(file));
      const after = contentOf(whole.folder);
      expect(after).not.toEqual(before);
      const points = whole.said.points ?? 0;
      expect(points).toBeGreaterThan(3);
      const hows = new Set<string>();
      for (const at of pointsOf(points)) {
        const outcome = save(task, at);
        expect(outcome.killed).toBe(true);
        // Where one file is replaced by one step, what lies there is whole before anybody repairs it.
        if (!inPlace && !FOLDERS.test(file)) {
          const found = digest(outcome.path);
          expect([before[basename(file)], after[basename(file)]].includes(found)).toBe(true);
        }
        hows.add(await checkKilled(outcome, { before, after }));
        rmSync(dirname(outcome.folder), { recursive: true, force: true });
      }
      expect([...hows]).toContain('resumed');
    },
    900_000,
  );
});
