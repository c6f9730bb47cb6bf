import { describe, expect, test } from 'vitest';
import {
  InvalidArgumentError,
  InvalidStateError,
  NotInitializedError,
  ShapeMismatchError,
} from '../../../core/errors.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import type { ParameterData } from '../../../core/parameter/parameter-data.ts';
import type { ParameterTrainer } from '../../../core/parameter/trainer-link.ts';
import { HAS_GPUS, openRuntime, place } from '../device/runtimes.ts';

const runtime = openRuntime();

function initialized(): Parameter {
  const p = new Parameter('w', { runtime, shape: [2], dtype: 'float16' });
  p.initialize({ init: 'zeros', device: [place(0), place(1)] });
  return p;
}

/** A Trainer that notes whose data was about to be set. */
function trainer(refuse?: () => never): ParameterTrainer & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    beforeSetData: ({ name }) => {
      asked.push(name);
      refuse?.();
    },
    rowSparsePull: () => {
      throw new Error('no rows are asked for here');
    },
  };
}

describe('setData', () => {
  test('P-163: checks no dtype and changes none', async () => {
    const p = initialized();
    p.setData([1, 0.1]);
    expect([p.dtype, await p.data(place(1)).data()]).toEqual(['float16', Float32Array.of(1, 0.0999755859375)]);
  });

  test('P-166: takes an array, or numbers in nested lists; anything else is refused', async () => {
    const p = initialized();
    p.setData([3, 4]);
    p.setData(p.data(place(0)));
    expect(await p.data(place(1)).data()).toEqual(Float32Array.of(3, 4));
    p.setData(Int8Array.of(5, 6));
    expect(await p.data(place(1)).data()).toEqual(Float32Array.of(5, 6));
    for (const data of ['12', null, { shape: [2] }, [1, 'a']]) {
      expect(() => p.setData(data as ParameterData)).toThrow(InvalidArgumentError);
      expect(() => p.setData(data as ParameterData)).toThrow(/The value of Parameter 'w' must be/);
    }
    expect(() => p.setData([[1], [2, 3]])).toThrow(/one length/);
  });

  test.skipIf(HAS_GPUS)('64-bit integers pass exactly', async () => {
    const p = new Parameter('ids', { runtime, shape: [1], dtype: 'int64' });
    p.initialize({ init: 'zeros' });
    p.setData([2n ** 62n + 1n]);
    expect(await p.data().data()).toEqual(BigInt64Array.of(2n ** 62n + 1n));
  });

  test('P-160, P-161: a shape that does not fit is told first, and a failed call fills in no sizes (decision)', () => {
    const p = new Parameter('w', { runtime, shape: [0, 3] });
    expect(() => p.setData([1, 2])).toThrow(ShapeMismatchError);
    expect(() => p.setData([[1, 2, 3]])).toThrow(NotInitializedError);
    expect(p.shape).toEqual([-1, 3]);
  });

  test('P-164: tells the Trainer before it writes, which may refuse', async () => {
    const p = initialized();
    const asked = trainer();
    p.setTrainer(asked);
    p.setData([1, 2]);
    expect(asked.asked).toEqual(['w']);
    const distributed = trainer(() => {
      throw new InvalidStateError('Cannot reset distributed KVStore.');
    });
    p.setTrainer(distributed);
    expect(() => p.setData([7, 8])).toThrow('Cannot reset distributed KVStore.');
    expect(await p.data(place(0)).data()).toEqual(Float32Array.of(1, 2));
  });

  test('P-165: without a Trainer nobody is asked, and a Trainer is not asked while the value is deferred', () => {
    const p = new Parameter('w', { runtime, shape: [0], allowDeferredInit: true });
    p.initialize({ init: 'zeros' });
    const asked = trainer();
    p.setTrainer(asked);
    p.setData([1, 2]);
    p.finishDeferredInitSync();
    p.setTrainer(null);
    p.setData([3, 4]);
    expect(asked.asked).toEqual([]);
  });
});

test('P-170: resetDevice with null means the current device', () => {
  const p = initialized();
  p.resetDevice(null);
  expect(p.listDevice().map(String)).toEqual([String(place(0))]);
});

test('P-178: what has no value cannot be reduced, and so not be saved', () => {
  expect(() => new Parameter('w', { runtime }).reduce()).toThrow(NotInitializedError);
  const deferred = new Parameter('w', { runtime, allowDeferredInit: true });
  deferred.initialize();
  expect(() => deferred.reduce()).toThrow(/initialization was deferred/);
});
