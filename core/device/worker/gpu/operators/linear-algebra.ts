import { elementCount, type Shape } from '../../../../ndarray/shape.ts';
import { booleanOf } from '../../../attributes.ts';
import { broadcastStrides } from '../../operators/broadcasting.ts';
import { tf } from '../../tensorflow.ts';
import { GpuArray } from '../gpu-array.ts';
import { elementTypeOf } from '../gpu-device.ts';
import { registerGpuKernel } from '../kernels.ts';
import { launch } from '../launch.ts';
import { broadcastWalks, walkCode } from '../walk.ts';
import { gather } from './layout.ts';

/** Matrices in the last two axes; the leading ones broadcast. `transposeA` and `transposeB` swap the last two. */
registerGpuKernel('batch_matmul', {
  run: ({ inputs: [a, b], outputs: [output], attributes }) => {
    if (!a || !b || !output) return;
    const transposed = [
      booleanOf(attributes, 'transposeA', false),
      booleanOf(attributes, 'transposeB', false),
    ] as const;
    if (elementTypeOf(output.dtype) === 'f32') multiplyFloats([a, b], output, transposed);
    else multiplyIntegers([a, b], output, transposed);
  },
});

type Pair<T> = readonly [T, T];

/** TensorFlow.js gives wrong products where both sides broadcast: each is repeated as often as needed before. */
function multiplyFloats([a, b]: Pair<GpuArray>, output: GpuArray, [transposeA, transposeB]: Pair<boolean>): void {
  const stack = output.shape.slice(0, -2);
  const [left, right] = [repeated(a, stack), repeated(b, stack)];
  output.device.activate();
  const count = elementCount(stack);
  const matrices = ({ tensor, shape }: GpuArray) => {
    const [rows = 1, columns = 1] = shape.slice(-2);
    return tf.reshape(tensor, [count, rows, columns]) as tf.Tensor3D;
  };
  const product = tf.matMul(matrices(left), matrices(right), transposeA, transposeB);
  output.setTensor(tf.reshape(product, [output.size]));
  for (const array of [left, right]) if (array !== a && array !== b) array.dispose();
  if (output.dtype !== 'float32') {
    launch(output, {
      name: 'settle',
      inputs: [output],
      code: ['fn element(index: i32) -> f32 { return store(fetchA(index)); }'],
    });
  }
}

/** The matrices of `array` broadcast to a stack. */
function repeated(array: GpuArray, stack: Shape): GpuArray {
  if (elementCount(array.shape.slice(0, -2)) === elementCount(stack)) return array;
  const result = new GpuArray(array.device, array.dtype, [...stack, ...array.shape.slice(-2)]);
  gather(array, result, { start: 0, steps: broadcastStrides(array.shape, result.shape) });
  return result;
}

/** Modulo 2^32. */
function multiplyIntegers([a, b]: Pair<GpuArray>, output: GpuArray, [transposeA, transposeB]: Pair<boolean>): void {
  const stack = output.shape.slice(0, -2);
  const [rows = 1, columns = 1] = output.shape.slice(-2);
  const [aRows = 1, aColumns = 1] = a.shape.slice(-2);
  const [bRows = 1, bColumns = 1] = b.shape.slice(-2);
  const walks = broadcastWalks([a.shape.slice(0, -2), b.shape.slice(0, -2)], stack);
  const walk = walkCode(stack, walks, ['A', 'B']);
  launch(output, {
    name: `multiply_${walk.name}`,
    inputs: [a, b],
    integers: {
      ...walk.integers,
      rows,
      columns,
      inner: transposeA ? aRows : aColumns,
      aSize: aRows * aColumns,
      aRow: transposeA ? 1 : aColumns,
      aStep: transposeA ? aColumns : 1,
      bSize: bRows * bColumns,
      bStep: transposeB ? 1 : bColumns,
      bColumn: transposeB ? bColumns : 1,
    },
    code: [
      walk.code,
      `fn element(index: i32) -> i32 {
  let matrix: i32 = index / (rows() * columns());
  let left: i32 = positionA(matrix) * aSize() + ((index / columns()) % rows()) * aRow();
  let right: i32 = positionB(matrix) * bSize() + (index % columns()) * bColumn();
  var total: i32 = 0;
  for (var k: i32 = 0; k < inner(); k = k + 1) {
    total = total + fetchA(left + k * aStep()) * fetchB(right + k * bStep());
  }
  return store(total);
}`,
    ],
  });
}
