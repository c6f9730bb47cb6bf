import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import {
  CheckpointFormatError,
  FileAccessError,
  InvalidArgumentError,
  InvalidStateError,
  ParascopeError,
  ShapeMismatchError,
} from '../../../core/errors.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import { KVStore } from '../../../core/trainer/kvstore.ts';
import type { OptimizerOptions } from '../../../core/trainer/optimizer-options.ts';
import { SGD } from '../../../core/trainer/sgd.ts';
import { Trainer } from '../../../core/trainer/trainer.ts';
import { HAS_GPUS, place } from '../device/runtimes.ts';
import { settledArrays } from '../device/settle.ts';
import { runtime, valuesOf } from './arrays.ts';
import { backward, firsts, parameter, TWO } from './parameters.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trainer-states-'));
});
afterAll(() => rm(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);

function steps(trainer: Trainer, x: Parameter, count: number): void {
  for (let i = 0; i < count; i++) {
    backward(x, (copy) => copy.mul(copy));
    trainer.step(1);
  }
}

describe.each([
  ['sgd', { learningRate: 0.01, momentum: 0.9, wd: 0.1 }, true],
  ['sgd', { learningRate: 0.01, momentum: 0.9, clipGradient: 0.5 }, false],
  ['adam', { learningRate: 0.1, beta1: 0.5 }, true],
  ['adamw', { learningRate: 0.1, wd: 0.1 }, false],
] as const)('T-023 states of %s %j (updateOnKvstore %s)', (name, options: OptimizerOptions, updateOnKvstore) => {
  test('T-023 a training that is loaded goes on as the one that was saved', async () => {
    const [x, y] = [parameter('x', { init: 'ones' }), parameter('y', { init: 'ones' })];
    const trainer = new Trainer([x], name, options, { updateOnKvstore });
    steps(trainer, x, 3);
    await trainer.saveStates(path('on.states'));
    y.setData(x.data(place(0)));
    const other = new Trainer([y], name, { learningRate: 55 }, { updateOnKvstore });
    await other.loadStates(path('on.states'));
    expect(other.learningRate).toBe(trainer.learningRate);
    expect(other.optimizer.hyperparameters()).toEqual(trainer.optimizer.hyperparameters());
    expect(other.optimizer.numUpdate).toBe(3);
    for (const [each, p] of [
      [trainer, x],
      [other, y],
    ] as const) {
      steps(each, p, 3);
    }
    const [found, wanted] = [await firsts(y), await firsts(x)];
    // Devices of two kinds differ in the last bit, and a load starts all copies from that of one.
    if (HAS_GPUS) expect(found).toEqual(wanted.map((value) => expect.closeTo(value, 5)));
    else expect(found).toEqual(wanted);
  });

  test('T-023 after a load the Parameters’ factors still act', async () => {
    const x = parameter('x', { init: 'ones' });
    const trainer = new Trainer([x], name, options, { updateOnKvstore });
    steps(trainer, x, 1);
    await trainer.saveStates(path('bound.states'));
    await trainer.loadStates(path('bound.states'));
    const { kvstore, optimizer } = trainer;
    const used = kvstore instanceof KVStore && updateOnKvstore ? kvstore.updater : trainer.updaters[0];
    expect(used?.optimizer).toBe(optimizer);
    x.lrMult = 2;
    expect(used?.optimizer.lrOf(0)).toBe(2 * trainer.learningRate);
  });
});

test('T-023 without a store every device gets the states of the first', async () => {
  const x = parameter('x', { init: 'ones' });
  const trainer = new Trainer([x], 'sgd', { momentum: 0.9 }, { kvstore: null });
  backward(x, (copy, index) => copy.mul(index + 1));
  trainer.step(1);
  await trainer.saveStates(path('devices.states'));
  await trainer.loadStates(path('devices.states'));
  const states = trainer.updaters.map((updater) => updater.states.get(0)?.momentum);
  expect(states.map((state) => state?.device.toString())).toEqual([String(place(0)), String(place(1))]);
  for (const state of states) expect(state && (await valuesOf(state))[0]).toBeCloseTo(-0.1, 6);
});

test('T-023 a scheduler is the present Trainer’s own', async () => {
  const x = parameter();
  const trainer = new Trainer([x], 'sgd', { lrScheduler: (updates) => 1 / (1 + updates) });
  steps(trainer, x, 3);
  await trainer.saveStates(path('scheduled.states'));
  await trainer.loadStates(path('scheduled.states'));
  expect(trainer.learningRate).toBe(0.25);
});

test('T-023 the file holds what was enqueued when it was saved, not later steps', async () => {
  const x = parameter('x', { init: 'ones' });
  const trainer = new Trainer([x], 'sgd', { learningRate: 1, momentum: 1 });
  steps(trainer, x, 1);
  const saved = trainer.saveStates(path('then.states'));
  steps(trainer, x, 2);
  await saved;
  const checkpoint = await openCheckpoint(path('then.states'));
  const entry = checkpoint.entries.find((each) => each.name === '0/momentum');
  expect([entry?.dtype, entry?.shape]).toEqual(['float32', [10]]);
  const bytes = await readFile(path('then.states'));
  expect(bytes.readFloatLE(bytes.length - 40)).toBe(-4);
  await checkpoint.close();
});

test.skipIf(HAS_GPUS)('T-023 what the store lacks cannot be saved', async () => {
  const s = parameter('s', { stype: 'row_sparse', gradStype: 'row_sparse', shape: [3, 2] });
  const w = new Parameter('w', { shape: [-1], allowDeferredInit: true, gradReq: 'null', runtime });
  w.initialize({ init: 'ones', device: [...TWO] });
  const trainer = new Trainer([s, w], 'sgd');
  await expect(trainer.saveStates(path('waiting.states'))).rejects.toThrow(InvalidStateError);
  await expect(trainer.saveStates(path('waiting.states'))).rejects.toThrow(/Parameter 'w' is not yet initialized/);
});

describe('files that cannot be used', () => {
  async function saved(
    name: string,
  ): Promise<{ readonly file: string; readonly trainer: Trainer; readonly x: Parameter }> {
    const x = parameter();
    const trainer = new Trainer([x], 'sgd', { momentum: 0.5 });
    steps(trainer, x, 1);
    await trainer.saveStates(path(name));
    return { file: path(name), trainer, x };
  }

  test('a missing file, and one that cannot be written', async () => {
    const { trainer } = await saved('a.states');
    await expect(trainer.loadStates(path('none.states'))).rejects.toThrow(FileAccessError);
    await expect(trainer.saveStates(path('no/folder.states'))).rejects.toThrow(FileAccessError);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test.each([0, 7, 60, 300])('a file cut to %d bytes', async (size) => {
    const { file, trainer } = await saved('cut.states');
    await truncate(file, size);
    await expect(trainer.loadStates(file)).rejects.toThrow(CheckpointFormatError);
    await expect(trainer.loadStates(file)).rejects.toThrow(/cut\.states.*is no file of trainer states/);
  });

  test('a file of something else', async () => {
    const { trainer } = await saved('b.states');
    const header = Buffer.from('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  ');
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    await writeFile(path('weights.safetensors'), Buffer.concat([length, header, Buffer.alloc(4)]));
    await expect(trainer.loadStates(path('weights.safetensors'))).rejects.toThrow(CheckpointFormatError);
    await writeFile(path('text'), 'not a header at all, but long enough to have a length');
    await expect(trainer.loadStates(path('text'))).rejects.toThrow(CheckpointFormatError);
  });

  test('states of other Parameters, after which the Trainer is as it was', async () => {
    const { file } = await saved('c.states');
    const y = parameter('y', { shape: [4] });
    const trainer = new Trainer([y], 'adam', { learningRate: 0.5 });
    steps(trainer, y, 1);
    const { optimizer } = trainer;
    const before = await settledArrays(runtime);
    await expect(trainer.loadStates(file)).rejects.toThrow(ShapeMismatchError);
    await expect(trainer.loadStates(file)).rejects.toThrow(
      /momentum of shape \(10,\) for weight 0, whose shape is \(4,\)/,
    );
    expect(trainer.optimizer).toBe(optimizer);
    expect(await settledArrays(runtime)).toBe(before);
    const other = new KVStore('local');
    other.setOptimizer(new SGD());
    await expect(other.loadOptimizerStates(file)).rejects.toThrow(InvalidArgumentError);
    await expect(other.loadOptimizerStates(file)).rejects.toThrow(/weight 0, which is not trained here/);
  });

  test('any byte of the header may be wrong: a load succeeds or says what is wrong, and leaks nothing', async () => {
    const { file, trainer } = await saved('fuzzed.states');
    const good = await readFile(file);
    const header = good.length - 40;
    await trainer.loadStates(file);
    const before = await settledArrays(runtime);
    await fc.assert(
      fc.asyncProperty(fc.nat(header - 1), fc.nat(255), async (position, value) => {
        const bytes = Buffer.from(good);
        bytes[position] = value;
        await writeFile(file, bytes);
        const error = await trainer.loadStates(file).then(
          () => null,
          (reason: unknown) => reason,
        );
        expect(error === null || error instanceof ParascopeError).toBe(true);
      }),
      { numRuns: 300 },
    );
    expect(await settledArrays(runtime)).toBe(before);
  });

  test('a store without an optimizer has no states', async () => {
    await expect(new KVStore('local').saveOptimizerStates(path('x'))).rejects.toThrow(InvalidStateError);
  });
});
