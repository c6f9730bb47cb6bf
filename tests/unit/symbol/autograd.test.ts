import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import { array, ones } from '../../../core/device/nd.ts';
import type { NDArray } from '../../../core/device/nd-array.ts';
import {
  DeviceMismatchError,
  InvalidArgumentError,
  InvalidStateError,
  ShapeMismatchError,
} from '../../../core/errors.ts';
import { autograd, clearFreshGradient, hasFreshGradient } from '../../../core/symbol/autograd.ts';
import { tidy } from '../../../core/symbol/tidy.ts';
import { openRuntime } from '../device/runtimes.ts';
import { numbersOf } from './arrays.ts';

const runtime = openRuntime();

function marked(values: number[], req: 'write' | 'add' | 'null' = 'write'): NDArray {
  const variable = array(values, { runtime });
  variable.attachGrad(req);
  return variable;
}

test('A-001: recording and training are off, record and pause set them, scopes nest and end', () => {
  const flags = () => [autograd.isRecording(), autograd.isTraining()];
  expect(flags()).toEqual([false, false]);
  autograd.record(() => {
    expect(flags()).toEqual([true, true]);
    autograd.pause(() => expect(flags()).toEqual([false, false]));
    autograd.pause(() => expect(flags()).toEqual([false, true]), { trainMode: true });
    autograd.predictMode(() => expect(flags()).toEqual([true, false]));
    expect(flags()).toEqual([true, true]);
  });
  autograd.record(() => expect(flags()).toEqual([true, false]), { trainMode: false });
  autograd.trainMode(() => expect(flags()).toEqual([false, true]));
  expect(() =>
    autograd.record(() => {
      throw new Error('within');
    }),
  ).toThrow('within');
  expect(flags()).toEqual([false, false]);
});

test('A-001: a recording survives await and does not leak into code beside it', async () => {
  const x = marked([3]);
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const recorded = autograd.record(async () => {
    await gate;
    return x.square();
  });
  expect(autograd.isRecording()).toBe(false);
  const outside = x.square();
  release();
  await expect(outside.backward()).rejects.toThrow(InvalidStateError);
  await (await recorded).backward();
  expect(await numbersOf(x.grad!)).toEqual([6]);
});

test('A-002: what is computed outside of record, or from nothing marked, is in no graph', async () => {
  const x = marked([1]);
  const constant = array([2], { runtime });
  await expect(x.mul(2).backward()).rejects.toThrow(/computational graph/);
  await expect(autograd.record(() => constant.mul(2)).backward()).rejects.toThrow(/computational graph/);
  await expect(autograd.record(() => autograd.pause(() => x.mul(2))).backward()).rejects.toThrow(/computational graph/);
});

test('P-270: backward writes into the very array that was marked with', async () => {
  const x = array([1, 2], { runtime });
  const gradient = array([9, 9], { runtime });
  autograd.markVariable(x, gradient, 'write');
  const seen = gradient.detach();
  await autograd.record(() => x.square().sum()).backward();
  expect(x.grad).toBe(gradient);
  expect(await numbersOf(seen)).toEqual([2, 4]);
});

test('P-271: write overwrites, with several uses within one backward summed first', async () => {
  const x = marked([2]);
  for (let round = 0; round < 2; round++) {
    await autograd.record(() => x.mul(x).add(x.mul(3))).backward();
    expect(await numbersOf(x.grad!)).toEqual([7]);
  }
});

test('P-272: add accumulates over backwards until the buffer is zeroed', async () => {
  const x = marked([2], 'add');
  for (let round = 1; round <= 3; round++) {
    await autograd.record(() => x.square()).backward();
    expect(await numbersOf(x.grad!)).toEqual([4 * round]);
  }
  runtime.zero(x.grad!);
  await autograd.record(() => x.square()).backward();
  expect(await numbersOf(x.grad!)).toEqual([4]);
});

test('P-273: a variable that the graph does not use keeps its gradient and stays stale', async () => {
  const used = marked([1]);
  const unused = array([1], { runtime });
  autograd.markVariable(unused, array([5], { runtime }), 'write');
  await autograd.record(() => used.mul(2)).backward();
  expect(await numbersOf(unused.grad!)).toEqual([5]);
  expect([hasFreshGradient(used), hasFreshGradient(unused)]).toEqual([true, false]);
});

test('P-274: a write in place while recording is refused unless autograd is paused, and is no operator', async () => {
  const x = marked([1]);
  autograd.record(() => {
    expect(() => x.set(5)).toThrow(InvalidStateError);
    autograd.pause(() => x.set(5));
  });
  const y = autograd.record(() => x.square());
  expect(() => y.set(0)).toThrow(/recorded/);
  await y.backward();
  expect(await numbersOf(x.grad!)).toEqual([10]);
});

test('P-275: marking again replaces buffer and req, and the gradient is stale until the next backward', async () => {
  const x = marked([3]);
  await autograd.record(() => x.square()).backward();
  expect(hasFreshGradient(x)).toBe(true);
  x.attachGrad('add');
  expect(hasFreshGradient(x)).toBe(false);
  expect(await numbersOf(x.grad!)).toEqual([0]);
  await autograd.record(() => x.square()).backward();
  expect(hasFreshGradient(x)).toBe(true);
  clearFreshGradient(x);
  expect(hasFreshGradient(x)).toBe(false);
});

test('P-276: each device copy gets its own gradient', async () => {
  const copies = [cpu(0), cpu(1)].map((device, i) => array([1 + i], { runtime, device }));
  for (const copy of copies) copy.attachGrad();
  autograd.backward(autograd.record(() => copies.map((copy) => copy.square())));
  expect(await numbersOf(copies[0]!.grad!)).toEqual([2]);
  expect(await numbersOf(copies[1]!.grad!)).toEqual([4]);
  expect(copies[1]!.grad!.device).toEqual(cpu(1));
  expect(() => copies[0]!.add(copies[1]!)).toThrow(DeviceMismatchError);
});

test('P-276: gradients flow back over a copy between devices', async () => {
  const x = marked([3]);
  await autograd.record(() => x.copyTo(cpu(1)).square()).backward();
  expect(await numbersOf(x.grad!)).toEqual([6]);
});

test('A-003: the result of an operator can be marked once, and gets its own gradient beside its inputs', async () => {
  const x = marked([2]);
  const { y, z } = autograd.record(() => {
    const result = x.square();
    result.attachGrad();
    return { y: result, z: result.mul(5) };
  });
  expect(() => y.attachGrad()).toThrow(InvalidStateError);
  await z.backward();
  expect(await numbersOf(y.grad!)).toEqual([5]);
  expect(await numbersOf(x.grad!)).toEqual([20]);
});

test('A-003: a gradient of another shape or device is refused', () => {
  const x = array([1, 2], { runtime });
  expect(() => autograd.markVariable(x, array([0], { runtime }), 'write')).toThrow(InvalidArgumentError);
  const elsewhere = array([0, 0], { runtime, device: cpu(1) });
  expect(() => autograd.markVariable(x, elsewhere, 'write')).toThrow('cpu(1)');
});

test('A-004: grad is null until attachGrad, zeros after it, null after dropGrad', async () => {
  const x = array([1, 2], { runtime, dtype: 'float16' });
  expect(x.grad).toBeNull();
  x.attachGrad();
  expect(x.grad).toMatchObject({ dtype: 'float16', shape: [2] });
  expect(await numbersOf(x.grad!)).toEqual([0, 0]);
  x.dropGrad();
  expect(x.grad).toBeNull();
  await expect(autograd.record(() => x.square()).backward()).rejects.toThrow(InvalidStateError);
});

test('A-005: head gradients weigh the heads, missing ones are ones, and each head has one', async () => {
  const x = marked([1, 2]);
  const [y, z] = autograd.record(() => [x.mul(3), x.mul(5)] as const);
  autograd.backward([y, z], [array([1, 10], { runtime }), null]);
  expect(await numbersOf(x.grad!)).toEqual([8, 35]);
  const again = autograd.record(() => x.mul(3));
  expect(() => autograd.backward([again], [])).toThrow(InvalidArgumentError);
  expect(() => autograd.backward(again, ones([3], { runtime }))).toThrow(ShapeMismatchError);
});

test('A-006: a graph whose variables all have req null wants no gradient', async () => {
  const x = marked([1], 'null');
  await expect(autograd.record(() => x.mul(2)).backward()).rejects.toThrow(/require gradients/);
});

test('A-007: null is passed over while others of the graph are written', async () => {
  const x = marked([3]);
  const frozen = marked([4], 'null');
  await autograd.record(() => x.mul(frozen)).backward();
  expect(await numbersOf(x.grad!)).toEqual([4]);
  expect(await numbersOf(frozen.grad!)).toEqual([0]);
  expect(hasFreshGradient(frozen)).toBe(false);
});

test('A-008: a second backward needs retainGraph, and adds up under add', async () => {
  const x = marked([3], 'add');
  const y = autograd.record(() => x.square());
  autograd.backward(y, null, { retainGraph: true });
  autograd.backward(y);
  expect(await numbersOf(x.grad!)).toEqual([12]);
  expect(() => autograd.backward(y)).toThrow(/freed/);
});

test('A-009: grad gives new arrays and leaves buffers alone; an unmarked variable is refused', async () => {
  const x = marked([3]);
  const [gradient] = autograd.grad(
    autograd.record(() => x.square()),
    [x],
  );
  expect(await numbersOf(gradient!)).toEqual([6]);
  expect(await numbersOf(x.grad!)).toEqual([0]);
  const other = array([1], { runtime });
  expect(() =>
    autograd.grad(
      autograd.record(() => x.square()),
      [x, other],
    ),
  ).toThrow('variable 1');
});

test('A-009: with createGraph a gradient can be differentiated again', async () => {
  const x = marked([2, 3]);
  await autograd
    .record(() => {
      const [first] = autograd.grad(x.power(3).sum(), [x], { createGraph: true });
      return first!.sum();
    })
    .backward();
  expect(await numbersOf(x.grad!)).toEqual([12, 18]);
});

test('A-010: detach cuts the graph and shares the values', async () => {
  const x = marked([3]);
  await autograd.record(() => x.mul(x.detach())).backward();
  expect(await numbersOf(x.grad!)).toEqual([3]);
});

test('A-011: a marked array that is written outside of record stays marked', async () => {
  const x = marked([3]);
  x.set(10);
  await autograd.record(() => x.square()).backward();
  expect(await numbersOf(x.grad!)).toEqual([20]);
});

test('what a graph saved outlives the disposal of the arrays it was computed from', async () => {
  const x = marked([3]);
  const y = autograd.record(() => {
    const middle = x.square();
    const result = middle.square();
    middle.dispose();
    return result;
  });
  await y.backward();
  expect(await numbersOf(x.grad!)).toEqual([108]);
});

test('a row_sparse array within a graph passes gradients on, and operators refuse it as it is', async () => {
  const x = marked([3, 0]);
  await autograd.record(() => x.reshape([2, 1]).toStype('row_sparse').toStype('default').square()).backward();
  expect(await numbersOf(x.grad!)).toEqual([6, 0]);
  expect(() => x.reshape([2, 1]).toStype('row_sparse').add(1)).toThrow();
});

test('backward frees all that its graph saved, and leaves only what the caller holds', async () => {
  const x = marked([1, 2, 3]);
  await runtime.waitAll();
  const step = async () => {
    const loss = autograd.record(() => tidy(() => x.mul(2).exp().softmax().square().sum()));
    await loss.backward();
    loss.dispose();
  };
  const before = await runtime.census();
  for (let i = 0; i < 20; i++) await step();
  expect(await runtime.census()).toEqual(before);
});

test('graphs that nobody differentiates are freed with their results', async () => {
  const clean = openRuntime();
  const x = array([1, 2], { runtime: clean });
  x.attachGrad();
  const { arrays } = await clean.census();
  for (let i = 0; i < 200; i++) autograd.record(() => x.mul(2).exp().square().sum());
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 50 && (await clean.census()).arrays > arrays; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect((await clean.census()).arrays).toBe(arrays);
  expect(x.disposed).toBe(false);
});
