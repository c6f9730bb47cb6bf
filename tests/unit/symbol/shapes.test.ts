import fc from 'fast-check';
import { expect, test } from 'vitest';
import { array } from '../../../core/device/nd.ts';
import { elementCount, type Shape, stridesOf } from '../../../core/ndarray/shape.ts';
import { openRuntime } from '../device/runtimes.ts';
import { numbersOf, randomArray } from './arrays.ts';

const runtime = openRuntime();

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

/** All index tuples of `shape` in C order. */
function indices(shape: Shape): number[][] {
  const strides = stridesOf(shape);
  return Array.from({ length: elementCount(shape) }, (_, position) =>
    shape.map((size, axis) => Math.floor(position / strides[axis]!) % size),
  );
}

/** The element of an array of `shape` that meets `index` of a shape it broadcasts to. */
function at(values: readonly number[], shape: Shape, index: readonly number[]): number {
  const strides = stridesOf(shape);
  const own = index.slice(index.length - shape.length);
  return values[own.reduce((sum, i, axis) => sum + (shape[axis] === 1 ? 0 : i) * strides[axis]!, 0)]!;
}

test('any shapes that broadcast add as NumPy adds them', async () => {
  const pairs = shapes.chain((shape) => {
    const narrowed = fc.tuple(...shape.map((size) => fc.constantFrom(size, 1)));
    const cut = fc.integer({ min: 0, max: shape.length });
    return fc.tuple(fc.constant(shape), narrowed, cut, fc.boolean());
  });
  await fc.assert(
    fc.asyncProperty(
      pairs,
      fc.constantFrom('float32' as const, 'float64' as const),
      async ([shape, sizes, cut, swap], dtype) => {
        const narrow: Shape = sizes.slice(cut);
        const [a, b] = [randomArray(runtime, shape, { dtype }), randomArray(runtime, narrow, { dtype, seed: 3 })];
        const sum = swap ? b.add(a) : a.add(b);
        const [left, right] = [await numbersOf(a), await numbersOf(b)];
        const round = dtype === 'float32' ? Math.fround : Number;
        const expected = indices(shape).map((index) => round(at(left, shape, index) + at(right, narrow, index)));
        expect(sum.shape).toEqual(shape);
        expect(await numbersOf(sum)).toEqual(expected);
      },
    ),
    { numRuns: 100 },
  );
});

test('sums over any axes are those of the elements that share the other indices', async () => {
  const cases = shapes.chain((shape) =>
    fc.tuple(fc.constant(shape), fc.subarray(shape.map((_, axis) => axis)), fc.boolean()),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ([shape, axes, keepDims]) => {
      const x = array(
        Array.from({ length: elementCount(shape) }, (_, i) => i),
        { runtime, dtype: 'int32' },
      ).reshape(shape);
      const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
      const expected = new Array<number>(elementCount(kept)).fill(0);
      const strides = stridesOf(kept);
      indices(shape).forEach((index, value) => {
        const to = index.reduce((sum, i, axis) => sum + (axes.includes(axis) ? 0 : i) * strides[axis]!, 0);
        expected[to] = expected[to]! + value;
      });
      const sum = x.sum({ axis: axes, keepDims });
      expect(sum.shape).toEqual(keepDims ? kept : shape.filter((_, axis) => !axes.includes(axis)));
      expect(await numbersOf(sum)).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});

test('transposing by any axes moves each element to its permuted index', async () => {
  const cases = shapes.chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.shuffledSubarray(
        shape.map((_, axis) => axis),
        { minLength: shape.length },
      ),
    ),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ([shape, axes]) => {
      const x = randomArray(runtime, shape);
      const values = await numbersOf(x);
      const turned = x.transpose(axes);
      const target = axes.map((axis) => shape[axis]!);
      const expected = indices(target).map((index) =>
        at(
          values,
          shape,
          shape.map((_, axis) => index[axes.indexOf(axis)]!),
        ),
      );
      expect(turned.shape).toEqual(target);
      expect(await numbersOf(turned)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});
