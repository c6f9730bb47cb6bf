import { describe, expect, test } from 'vitest';
import type { Device } from '../../../core/device/device.ts';
import type { NDArray } from '../../../core/device/nd-array.ts';
import { RowSparseNDArray } from '../../../core/device/sparse.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import { GRAD_REQS, type ParameterOptions } from '../../../core/parameter/parameter-options.ts';
import type { ParameterTrainer } from '../../../core/parameter/trainer-link.ts';
import { record } from '../../../core/symbol/autograd.ts';
import { variableOf } from '../../../core/symbol/tape.ts';
import { bytesOf, HAS_GPUS, openRuntime, place } from '../device/runtimes.ts';

const runtime = openRuntime();

function parameter(options: ParameterOptions = {}, device: Device | Device[] = place()): Parameter {
  const p = new Parameter('w', { runtime, shape: [3], ...options });
  p.initialize({ init: 'ones', device });
  return p;
}

/** The gradient of a weighted sum of `w` is the weights. */
function backward(w: NDArray, ...weights: number[]): Promise<void> {
  const bytes = bytesOf(Float32Array.from(weights));
  const constant = runtime.fromBytes({ shape: w.shape, dtype: 'float32', device: w.device, bytes });
  return record(() => w.mul(constant)).backward();
}

function isFresh(array: NDArray): boolean | undefined {
  return variableOf(array)?.fresh;
}

describe('gradients of Parameters', () => {
  test('P-270: backward writes into the very array that grad() gives', async () => {
    const p = parameter();
    const grad = p.grad();
    await backward(p.data(), 1, 2, 3);
    expect([p.grad() === grad, await grad.data()]).toEqual([true, Float32Array.of(1, 2, 3)]);
  });

  test('P-271: write overwrites; several uses within one backward are summed', async () => {
    const p = parameter({ gradReq: 'write' });
    await backward(p.data(), 1, 2, 3);
    await record(() => p.data().mul(2).add(p.data())).backward();
    expect(await p.grad().data()).toEqual(Float32Array.of(3, 3, 3));
  });

  test('P-272: add adds to the buffer, zeroGrad resets it', async () => {
    const p = parameter({ gradReq: 'add' });
    await backward(p.data(), 1, 2, 3);
    await backward(p.data(), 1, 2, 3);
    expect(await p.grad().data()).toEqual(Float32Array.of(2, 4, 6));
    p.zeroGrad();
    expect(await p.grad().norm()).toBe(0);
  });

  test('P-273, P-275: a Parameter that was not used keeps its gradient, which is not fresh; marking makes it stale', async () => {
    const [used, unused] = [parameter(), parameter()];
    expect(isFresh(used.data())).toBe(false);
    await backward(used.data(), 1, 2, 3);
    expect([isFresh(used.data()), isFresh(unused.data()), await unused.grad().norm()]).toEqual([true, false, 0]);
    used.gradReq = 'add';
    expect(isFresh(used.data())).toBe(false);
  });

  test('P-274: what a Parameter does inside record is not recorded', async () => {
    const p = parameter();
    await record(() => {
      p.setData([1, 2, 3]);
      p.cast('float16');
      p.cast('float32');
      p.resetDevice(place(1));
      return p.data().square();
    }).backward();
    expect(await p.grad().data()).toEqual(Float32Array.of(2, 4, 6));
  });

  test('P-276: each device copy has a gradient of its own', async () => {
    const p = parameter({}, [place(0), place(1)]);
    await backward(p.data(place(0)), 1, 2, 3);
    await backward(p.data(place(1)), 4, 5, 6);
    expect([await p.grad(place(0)).data(), await p.grad(place(1)).data()]).toEqual([
      Float32Array.of(1, 2, 3),
      Float32Array.of(4, 5, 6),
    ]);
  });

  test('P-030: the modes of autograd are write, add and null; null has no variable', () => {
    expect(GRAD_REQS).toEqual(['write', 'add', 'null']);
    const reqs = GRAD_REQS.map((gradReq) => variableOf(parameter({ gradReq }).data())?.req);
    expect(reqs).toEqual(['write', 'add', undefined]);
  });

  test('P-023, P-048: handles from before a change no longer reach the gradient', async () => {
    const p = parameter();
    const before = p.data();
    p.cast('float16');
    expect([isFresh(before), isFresh(p.data())]).toEqual([undefined, false]);
    const held = p.data();
    p.gradReq = 'null';
    expect([isFresh(held), isFresh(p.data())]).toEqual([undefined, undefined]);
  });

  test('a cast marks the new copies with the gradients that were cast along', async () => {
    const p = parameter({ gradReq: 'add' });
    await backward(p.data(), 1, 2, 3);
    p.cast('float16');
    await record(() => p.data().mul(2)).backward();
    expect([p.grad().dtype, await p.grad().data()]).toEqual(['float16', Float32Array.of(3, 4, 5)]);
  });
});

describe('row_sparse gradients', () => {
  test.skipIf(HAS_GPUS)('P-146: backward stores the rows that are not zero', async () => {
    const p = parameter({ gradStype: 'row_sparse' });
    const grad = p.grad();
    await backward(p.data(), 0, 2, 0);
    expect(p.data().grad).toBe(grad);
    expect([p.grad() === grad, await grad.data()]).toEqual([true, Float32Array.of(0, 2, 0)]);
    const { indices } = await (grad as RowSparseNDArray).components();
    expect(await indices.data()).toEqual(BigInt64Array.of(1n));
  });

  test.skipIf(HAS_GPUS)('P-272: add adds rows to those that are there', async () => {
    const p = parameter({ gradStype: 'row_sparse', gradReq: 'add' });
    await backward(p.data(), 0, 2, 0);
    await backward(p.data(), 1, 2, 0);
    expect(await p.grad().data()).toEqual(Float32Array.of(1, 4, 0));
    p.zeroGrad();
    expect(await p.grad().norm()).toBe(0);
  });

  test.skipIf(HAS_GPUS)('P-206: what rowSparseData gives carries the gradient to the Parameter', async () => {
    for (const gradStype of ['default', 'row_sparse'] as const) {
      const p = parameter({ stype: 'row_sparse', gradStype, gradReq: 'add' });
      p.setTrainer(pullingTrainer);
      const [copy] = p.ownCopies();
      for (let step = 0; step < 2; step++) {
        const rows = p.rowSparseData([1]);
        await record(() => rows.toStype('default').mul(3)).backward();
      }
      expect([await p.grad().data(), copy && isFresh(copy)]).toEqual([Float32Array.of(6, 6, 6), true]);
    }
  });

  test.skipIf(HAS_GPUS)('what autograd cannot follow is refused where it records', () => {
    const p = parameter({ stype: 'row_sparse' });
    p.setTrainer(pullingTrainer);
    const rows = p.rowSparseData([1]);
    expect(() => record(() => rows.asType('float16'))).toThrow(/asType\(\) of a row_sparse array is not recorded/);
  });
});

const pullingTrainer: ParameterTrainer = {
  beforeSetData: () => {},
  rowSparsePull: (p, { rowIds }) => {
    const [stored] = p.ownCopies();
    if (stored instanceof RowSparseNDArray) return stored.retain(rowIds);
    throw new Error('Only row_sparse weights have rows.');
  },
};
