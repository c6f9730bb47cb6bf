import type { Shape } from '../../../ndarray/shape.ts';
import { booleanOf } from '../../attributes.ts';
import { tf } from '../tensorflow.ts';
import { walkPairs } from './broadcasting.ts';
import { type MatrixProduct, multiplyBigIntMatrices, multiplyMatrices } from './matrix.ts';
import { registerKernel } from './registry.ts';
import { bigIntsOf, numbersOf, settle } from './results.ts';
import { lastTwo } from './window.ts';

/**
 * Matrices in the last two axes; the leading ones broadcast. `transposeA` and `transposeB` swap the last
 * two. One pair of matrices at a time: TensorFlow.js gives wrong products where both sides broadcast.
 */
registerKernel('batch_matmul', ([a, b], attributes, [output]) => {
  if (!a || !b || !output) return;
  const product: MatrixProduct = {
    left: lastTwo(a.shape),
    right: lastTwo(b.shape),
    transposeLeft: booleanOf(attributes, 'transposeA', false),
    transposeRight: booleanOf(attributes, 'transposeB', false),
  };
  if (output.elements.kind === 'bigints') {
    const [left, right, target] = [bigIntsOf(a), bigIntsOf(b), bigIntsOf(output)];
    forEachPair([a.shape, b.shape, output.shape], (slices) => {
      multiplyBigIntMatrices(
        [left.subarray(...slices[0]), right.subarray(...slices[1])],
        target.subarray(...slices[2]),
        product,
      );
    });
    return;
  }
  const [left, right, target] = [numbersOf(a), numbersOf(b), numbersOf(output)];
  forEachPair([a.shape, b.shape, output.shape], (slices) => {
    // Freed after each pair: TensorFlow.js would keep them all until the kernel ends.
    tf.tidy(() => {
      const pair = multiplyMatrices(left.subarray(...slices[0]), right.subarray(...slices[1]), product);
      target.subarray(...slices[2]).set(pair);
    });
  });
  settle(output);
});

/** Where a matrix of a stack starts and ends. */
type Slice = readonly [start: number, stop: number];

/** Calls back with the places of each pair of matrices, and of their product. */
function forEachPair(
  [a, b, output]: readonly [Shape, Shape, Shape],
  visit: (slices: readonly [Slice, Slice, Slice]) => void,
): void {
  const slice = (shape: Shape, index: number): Slice => {
    const [rows, columns] = lastTwo(shape);
    return [index * rows * columns, (index + 1) * rows * columns];
  };
  walkPairs(output.slice(0, -2), [a.slice(0, -2), b.slice(0, -2)], (o, i, j) => {
    visit([slice(a, i), slice(b, j), slice(output, o)]);
  });
}
