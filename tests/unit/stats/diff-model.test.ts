import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesFor, DTYPES, type DType, dtypeInfo, isQuantized } from '../../../core/ndarray/dtype.ts';
import type { TensorDiff } from '../../../core/stats/engine.ts';
import { PIECE_ELEMENTS } from '../../../core/stats/pieces.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import { castElement, decodeAll, type Element } from './model.ts';
import { scratchEngine } from './scratch-engine.ts';
import { bytesOf, random, weights } from './support.ts';

const { scratch, engine } = scratchEngine(2);

const PLAIN = DTYPES.filter((dtype) => !isQuantized(dtype));

describe('diff beside a plain model', () => {
  it('finds what differs, where first, and where most, for any two dtypes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PLAIN),
        fc.constantFrom(...PLAIN),
        fc.integer({ min: 0, max: 97 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
        async (dtypeA, dtypeB, count, bytes) => {
          const a = storage(dtypeA, count, bytes);
          const b = storage(dtypeB, count, bytes);
          const diff = await engine.diff(scratch.tensor(dtypeA, [count], a), scratch.tensor(dtypeB, [count], b));
          expectAsModelled(diff, decodeAll(dtypeA, a, count), decodeAll(dtypeB, b, count));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('finds nothing between a tensor and its widening', async () => {
    const narrow = PLAIN.filter((dtype) => dtypeInfo(dtype).kind === 'float' && dtypeInfo(dtype).bits <= 16);
    for (const dtype of narrow) {
      const codes = Uint8Array.from({ length: bytesFor(dtype, 4096) }, (_, k) => (k * 89) & 255);
      const tensor = scratch.tensor(dtype, [4096], codes);
      const wide = { ...tensor, steps: [{ kind: 'cast', dtype: 'float32' } as const] };
      expect(await engine.diff(tensor, wide), dtype).toMatchObject({ changedCount: 0, firstIndex: null, maxAbs: 0 });
    }
  });

  it('finds deltas at random places of a long tensor, whatever the threads', async () => {
    const count = PIECE_ELEMENTS + 70_001;
    const a = weights(count, 5);
    const single = createTensorEngine({ threads: 1 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<DType>('float32', 'float64'),
        fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: count - 1 }), fc.integer({ min: 1, max: 1000 })), {
          minLength: 1,
          maxLength: 12,
          selector: ([place]) => place,
        }),
        async (dtype, deltas) => {
          const [left, right] = dtype === 'float32' ? [a, a.slice()] : [Float64Array.from(a), Float64Array.from(a)];
          for (const [place, delta] of deltas) right[place] = (right[place] ?? 0) + delta;
          const moved = deltas.map(([place]) => [place, Math.abs((right[place] ?? 0) - (left[place] ?? 0))] as const);
          const most = Math.max(...moved.map(([, far]) => far));
          const tensors = [left, right].map((values) => scratch.tensor(dtype, [count], bytesOf(values)));
          const [x, y] = tensors as [(typeof tensors)[0], (typeof tensors)[0]];
          const diff = await engine.diff(x, y);
          expect(diff).toMatchObject({
            changedCount: deltas.length,
            firstIndex: Math.min(...deltas.map(([place]) => place)),
            maxIndex: Math.min(...moved.filter(([, far]) => far === most).map(([place]) => place)),
            maxAbs: most,
          });
          expect(await single.diff(x, y)).toEqual(diff);
        },
      ),
      { numRuns: 8 },
    );
    await single.close();
  });

  it('tells 64-bit integers from one another and from floats exactly', async () => {
    const next = random(11);
    const near = [0, 1, -1, 2 ** 53, 2 ** 62, -(2 ** 63), 2 ** 63, 2 ** 64 - 2048];
    const floats = Float64Array.from({ length: 512 }, (_, k) => near[k % 8]! + (k % 3) - (k % 5 === 0 ? 0.5 : 0));
    const signed = BigInt64Array.from(floats, (x) => castElement(x, 'int64') as bigint);
    const unsigned = BigUint64Array.from(floats, (x) => castElement(x, 'uint64') as bigint);
    for (const array of [signed, unsigned]) {
      array.forEach((value, k) => {
        if (next() < 0.3) array[k] = value + (next() < 0.5 ? 1n : -1n);
      });
    }
    const sides = [
      { dtype: 'int64', array: signed },
      { dtype: 'uint64', array: unsigned },
      { dtype: 'float64', array: floats },
    ] as const;
    for (const a of sides) {
      for (const b of sides) {
        const [left, right] = [a, b].map(({ dtype, array }) => scratch.tensor(dtype, [512], bytesOf(array)));
        const diff = await engine.diff(left!, right!);
        expectAsModelled(diff, decodeAll(a.dtype, bytesOf(a.array), 512), decodeAll(b.dtype, bytesOf(b.array), 512));
      }
    }
  });
});

function storage(dtype: DType, count: number, bytes: Iterator<number>): Uint8Array {
  const isBool = dtype === 'bool';
  return Uint8Array.from({ length: bytesFor(dtype, count) }, () => {
    const byte = bytes.next().value as number;
    return isBool ? byte & 1 : byte;
  });
}

/** Counts and the first place exactly; the largest distance up to a second rounding, which 64-bit integers beside floats have. */
function expectAsModelled(diff: TensorDiff, a: readonly Element[], b: readonly Element[]): void {
  const nans = { a: 0, b: 0, both: 0 };
  const changed: number[] = [];
  const far = a.map((x, index) => {
    const y = b[index]!;
    const [nanA, nanB] = [isNaNElement(x), isNaNElement(y)];
    if (nanA || nanB) nans[nanA && nanB ? 'both' : nanA ? 'a' : 'b'] += 1;
    if (nanA !== nanB || (!nanA && differ(x, y))) changed.push(index);
    return nanA || nanB ? null : distance(x, y);
  });
  const measured = far.filter((away) => away !== null);
  const most = measured.reduce((top, away) => Math.max(top, away), 0);
  expect(diff).toMatchObject({ nans, changedCount: changed.length, firstIndex: changed[0] ?? null });
  expect(diff.maxAbs).toEqual(measured.length > 0 ? closeTo(most) : null);
  if (most === 0) expect(diff.maxIndex).toBe(null);
  else expect(far[diff.maxIndex ?? -1]).toEqual(closeTo(most));
}

function closeTo(value: number): unknown {
  const step = Math.abs(value) * 2 ** -52;
  return Number.isFinite(step) && step > 0 ? expect.toSatisfy((x: number) => Math.abs(x - value) <= step) : value;
}

function isNaNElement(x: Element): boolean {
  return typeof x === 'object' ? x.some(Number.isNaN) : typeof x === 'number' && Number.isNaN(x);
}

/** Of complex numbers a distance may underflow. */
function differ(x: Element, y: Element): boolean {
  if (typeof x !== 'object' && typeof y !== 'object') return distance(x, y) > 0;
  const [[re1, im1], [re2, im2]] = [partsOf(x), partsOf(y)];
  return re1 !== re2 || im1 !== im2;
}

function partsOf(x: Element): readonly [number, number] {
  return typeof x === 'object' ? x : [Number(x), 0];
}

function distance(x: Element, y: Element): number {
  if (typeof x === 'object' || typeof y === 'object') {
    const [[re1, im1], [re2, im2]] = [partsOf(x), partsOf(y)];
    const [dr, di] = [re1 === re2 ? 0 : re1 - re2, im1 === im2 ? 0 : im1 - im2];
    return Math.sqrt(dr * dr + di * di);
  }
  if (typeof x === 'number' && typeof y === 'number') return x === y ? 0 : Math.abs(x - y);
  if (typeof x === 'bigint' && typeof y === 'bigint') return Number(x > y ? x - y : y - x);
  const [integer, real] = typeof x === 'bigint' ? [x, y as number] : [y as bigint, x as number];
  if (!Number.isFinite(real)) return Number.POSITIVE_INFINITY;
  const whole = Math.trunc(real);
  return Math.abs(Number(integer - BigInt(whole)) - (real - whole));
}
