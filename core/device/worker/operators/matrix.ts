import { tf } from '../tensorflow.ts';

export type Floats = Float32Array | Float64Array;

export interface MatrixProduct {
  /** Rows and columns as they lie, before they are transposed. */
  readonly left: readonly [number, number];
  readonly right: readonly [number, number];
  readonly transposeLeft?: boolean;
  readonly transposeRight?: boolean;
}

/** The product of two C-order matrices; float32 on TensorFlow.js, float64 here. */
export function multiplyMatrices(left: Floats, right: Floats, product: MatrixProduct): Floats {
  const { transposeLeft = false, transposeRight = false } = product;
  if (left instanceof Float32Array && right instanceof Float32Array) {
    const a = tf.tensor2d(left, [...product.left], 'float32');
    const b = tf.tensor2d(right, [...product.right], 'float32');
    return tf.matMul(a, b, transposeLeft, transposeRight).dataSync<'float32'>();
  }
  const [rows, inner] = transposeLeft ? product.left.toReversed() : product.left;
  const columns = transposeRight ? product.right[0] : product.right[1];
  const [leftRow, leftStep] = transposeLeft ? [1, product.left[1]] : [product.left[1], 1];
  const [rightStep, rightColumn] = transposeRight ? [1, product.right[1]] : [product.right[1], 1];
  const result = new Float64Array((rows ?? 0) * columns);
  for (let row = 0; row < (rows ?? 0); row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let k = 0; k < (inner ?? 0); k++) {
        sum += (left[row * leftRow + k * leftStep] ?? 0) * (right[k * rightStep + column * rightColumn] ?? 0);
      }
      result[row * columns + column] = sum;
    }
  }
  return result;
}
