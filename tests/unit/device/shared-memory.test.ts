import { expect, test } from 'vitest';
import type { AttributeValue, MemoryOp } from '../../../core/device/protocol.ts';
import { DeviceMemory } from '../../../core/device/worker/device-memory.ts';
import type { DType } from '../../../core/ndarray/dtype.ts';
import { HOLDABLE_DTYPES } from './runtimes.ts';

/** Copies share their memory until one is written: whatever the write, no other copy may see it. */

const SIZE = 3;

class Arrays {
  readonly #memory = new DeviceMemory(() => ({ devices: [], reason: null }));

  run(...ops: readonly MemoryOp[]): this {
    for (const op of ops) this.#memory.run(op);
    return this;
  }

  make(handle: number, values: readonly number[], dtype: DType = 'float32'): this {
    const bytes = Float64Array.from(values).buffer;
    return this.run(
      { kind: 'create', handle, device: 'cpu(0)', dtype, shape: [values.length] },
      { kind: 'upload', handle, dtype: 'float64', offset: 0, bytes },
    );
  }

  fill(handle: number, value: AttributeValue, dtype: DType = 'float32'): this {
    const outputs = [{ handle, device: 'cpu(0)' as const, shape: [SIZE], dtype, isNew: false }];
    return this.run({ kind: 'invoke', name: 'full', inputs: [], outputs, attributes: { value } });
  }

  bytes(handle: number, count = SIZE): Uint8Array {
    const answer = this.#memory.answer({ kind: 'read', handle, start: 0, count, form: 'bytes' });
    if (!(answer instanceof ArrayBuffer)) throw new Error('not bytes');
    return new Uint8Array(answer);
  }

  values(handle: number): number[] {
    return [...new Float32Array(this.bytes(handle).buffer)];
  }

  census() {
    return this.#memory.answer({ kind: 'census' });
  }
}

/** Array 1 and its copy 2: [1, 2, 3] each. */
const COPIES: readonly (readonly [string, () => Arrays])[] = [
  [
    'cast',
    () =>
      new Arrays().make(1, [1, 2, 3]).run({ kind: 'cast', handle: 2, device: 'cpu(0)', source: 1, dtype: 'float32' }),
  ],
  ['assign', () => new Arrays().make(1, [1, 2, 3]).make(2, [7, 8, 9]).run({ kind: 'assign', handle: 2, source: 1 })],
  ['mean', () => new Arrays().make(1, [1, 2, 3]).run({ kind: 'mean', handle: 2, device: 'cpu(0)', sources: [1] })],
];

const float = (...values: number[]) => Float32Array.from(values).buffer;

const WRITES: readonly (readonly [string, (handle: number) => MemoryOp, readonly number[]])[] = [
  ['zero', (handle) => ({ kind: 'zero', handle }), [0, 0, 0]],
  [
    'upload of all',
    (handle) => ({ kind: 'upload', handle, dtype: 'float32', offset: 0, bytes: float(4, 5, 6) }),
    [4, 5, 6],
  ],
  ['upload of one', (handle) => ({ kind: 'upload', handle, dtype: 'float32', offset: 1, bytes: float(4) }), [1, 4, 3]],
  [
    'cast upload of one',
    (handle) => ({ kind: 'upload', handle, dtype: 'int8', offset: 2, bytes: Int8Array.of(-4).buffer }),
    [1, 2, -4],
  ],
  [
    'kernel',
    (handle) => ({
      kind: 'invoke',
      name: 'full',
      inputs: [],
      outputs: [{ handle, device: 'cpu(0)', shape: [SIZE], dtype: 'float32', isNew: false }],
      attributes: { value: 4 },
    }),
    [4, 4, 4],
  ],
];

for (const [copied, make] of COPIES) {
  for (const [written, write, expected] of WRITES) {
    test(`${written} of one of two arrays that ${copied} made equal leaves the other`, () => {
      for (const [target, other] of [
        [1, 2],
        [2, 1],
      ] as const) {
        const arrays = make().run(write(target));
        expect(arrays.values(target)).toEqual(expected);
        expect(arrays.values(other)).toEqual([1, 2, 3]);
      }
    });
  }
}

test('a copy outlives what it was made of, and memory is freed with the last of them', () => {
  const arrays = new Arrays();
  const before = arrays.census();
  arrays
    .make(1, [1, 2, 3])
    .run({ kind: 'cast', handle: 2, device: 'cpu(0)', source: 1, dtype: 'float32' }, { kind: 'free', handle: 1 });
  expect(arrays.values(2)).toEqual([1, 2, 3]);
  expect(arrays.run({ kind: 'free', handle: 2 }).census()).toEqual(before);
});

test('an array assigned to itself keeps its values', () => {
  const arrays = new Arrays().make(1, [1, 2, 3]).run({ kind: 'assign', handle: 1, source: 1 }).fill(1, 2);
  expect(arrays.values(1)).toEqual([2, 2, 2]);
});

test('copies of an array that was zeroed are zeros, and writes to it then do not show in them', () => {
  const arrays = new Arrays().make(1, [1, 2, 3]);
  arrays.run(
    { kind: 'zero', handle: 1 },
    { kind: 'cast', handle: 2, device: 'cpu(0)', source: 1, dtype: 'float32' },
    { kind: 'upload', handle: 1, dtype: 'float32', offset: 1, bytes: float(4) },
  );
  expect(arrays.values(1)).toEqual([0, 4, 0]);
  expect(arrays.values(2)).toEqual([0, 0, 0]);
});

test('part of an array that was zeroed can be written', () => {
  const arrays = new Arrays().make(1, [1, 2, 3]).run({ kind: 'zero', handle: 1 });
  arrays.run({ kind: 'upload', handle: 1, dtype: 'float32', offset: 1, bytes: float(4) });
  expect(arrays.values(1)).toEqual([0, 4, 0]);
});

test.each(HOLDABLE_DTYPES.filter((dtype) => dtype !== 'float8_e8m0fnu'))(
  'an array of %s that was zeroed casts as one of zeros does',
  (dtype) => {
    const arrays = new Arrays().make(1, [1, 2, 3]).run({ kind: 'zero', handle: 1 });
    arrays.run({ kind: 'cast', handle: 2, device: 'cpu(0)', source: 1, dtype });
    arrays.make(3, [0, 0, 0], dtype);
    expect(arrays.bytes(2)).toEqual(arrays.bytes(3));
    arrays.run({ kind: 'assign', handle: 3, source: 1 });
    expect(arrays.bytes(3)).toEqual(arrays.bytes(2));
  },
);

test('zeros cast to a dtype that has no zero round as others do', () => {
  const arrays = new Arrays().make(1, [1, 2, 3]).run({ kind: 'zero', handle: 1 });
  arrays.run({ kind: 'cast', handle: 2, device: 'cpu(0)', source: 1, dtype: 'float8_e8m0fnu' });
  arrays.make(3, [0, 0, 0], 'float8_e8m0fnu');
  expect(arrays.bytes(2)).toEqual(arrays.bytes(3));
});
