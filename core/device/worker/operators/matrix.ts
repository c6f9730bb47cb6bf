import type { BigInts, Numbers } from '../device-array.ts';
import { tf } from '../tensorflow.ts';

export type Floats = Float32Array | Float64Array;

export interface MatrixProduct {
  /** Rows and columns as they lie, before they are transposed. */
  readonly left: readonly [number, number];
  readonly right: readonly [number, number];
  readonly transposeLeft?: boolean;
  readonly transposeRight?: boolean;
}

/** The product of two C-order matrices of one type; float32 on TensorFlow.js, integers modulo 2^32. */
export function multiplyMatrices(left: Numbers, right: Numbers, product: MatrixProduct): Numbers {
  const { transposeLeft = false, transposeRight = false } = product;
  if (left instanceof Float32Array && right instanceof Float32Array) {
    const a = tf.tensor2d(left, [...product.left], 'float32');
    const b = tf.tensor2d(right, [...product.right], 'float32');
    return tf.matMul(a, b, transposeLeft, transposeRight).dataSync<'float32'>();
  }
  const times = left instanceof Float64Array ? (a: number, b: number) => a * b : Math.imul;
  const result = new Float64Array(sizeOf(product));
  walkProduct(product, (at, i, j) => {
    result[at] = (result[at] ?? 0) + times(left[i] ?? 0, right[j] ?? 0);
  });
  return result;
}

/** As `multiplyMatrices`, modulo 2^64, into `target`. */
export function multiplyBigIntMatrices(
  [left, right]: readonly [BigInts, BigInts],
  target: BigInts,
  product: MatrixProduct,
): void {
  walkProduct(product, (at, i, j) => {
    target[at] = (target[at] ?? 0n) + (left[i] ?? 0n) * (right[j] ?? 0n);
  });
}

/** Calls back with the positions of each pair of elements that are multiplied, and of the sum that they go to. */
function walkProduct(product: MatrixProduct, visit: (target: number, left: number, right: number) => void): void {
  const { left, right, transposeLeft = false, transposeRight = false } = product;
  const [rows, inner, columns] = sizesOf(product);
  const [leftRow, leftStep] = transposeLeft ? [1, left[1]] : [left[1], 1];
  const [rightStep, rightColumn] = transposeRight ? [1, right[1]] : [right[1], 1];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const target = row * columns + column;
      for (let k = 0; k < inner; k++) visit(target, row * leftRow + k * leftStep, k * rightStep + column * rightColumn);
    }
  }
}

function sizeOf(product: MatrixProduct): number {
  const [rows, , columns] = sizesOf(product);
  return rows * columns;
}

function sizesOf({
  left,
  right,
  transposeLeft = false,
  transposeRight = false,
}: MatrixProduct): [number, number, number] {
  const [rows, inner] = transposeLeft ? [left[1], left[0]] : left;
  return [rows, inner, transposeRight ? right[0] : right[1]];
}
