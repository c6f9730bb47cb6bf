import { elementCount, type Shape } from '../../../ndarray/shape.ts';
import { booleanOf } from '../../attributes.ts';
import type { DeviceArray } from '../device-array.ts';
import { tf } from '../tensorflow.ts';
import { walkPairs } from './broadcasting.ts';
import { registerKernel } from './registry.ts';
import { bigIntsOf, numbersOf, settle, tensorOf, writeTensor } from './results.ts';

/** The strides of one matrix of a stack, transposed or not. */
interface MatrixSteps {
  readonly row: number;
  readonly column: number;
}

interface Product {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly left: MatrixSteps;
  readonly right: MatrixSteps;
  /** Calls back with the first element of each pair of matrices and of their product. */
  walk(visit: (output: number, left: number, right: number) => void): void;
}

/** Matrices in the last two axes; the leading ones broadcast. `transposeA` and `transposeB` swap the last two. */
registerKernel('batch_matmul', ([a, b], attributes, [output]) => {
  if (!a || !b || !output) return;
  const transposed = [booleanOf(attributes, 'transposeA', false), booleanOf(attributes, 'transposeB', false)] as const;
  if (a.working === 'float32') {
    writeTensor(output, tf.matMul(tensorOf(a), tensorOf(b), ...transposed));
    return;
  }
  const product = productOf(a.shape, b.shape, { output: output.shape, transposed });
  if (output.elements.kind === 'bigints') multiplyBigInts(product, [a, b], output);
  else multiplyNumbers(product, [a, b], output);
});

function productOf(
  a: Shape,
  b: Shape,
  {
    output,
    transposed: [transposeA, transposeB],
  }: { readonly output: Shape; readonly transposed: readonly [boolean, boolean] },
): Product {
  const [rows = 1, columns = 1] = output.slice(-2);
  const [aRows = 1, aColumns = 1] = a.slice(-2);
  const [bRows = 1, bColumns = 1] = b.slice(-2);
  const stacks = output.slice(0, -2);
  return {
    rows,
    columns,
    inner: transposeA ? aRows : aColumns,
    left: transposeA ? { row: 1, column: aColumns } : { row: aColumns, column: 1 },
    right: transposeB ? { row: 1, column: bColumns } : { row: bColumns, column: 1 },
    walk: (visit) => {
      if (elementCount(stacks) === 0) return;
      walkPairs(stacks, [a.slice(0, -2), b.slice(0, -2)], (o, i, j) => {
        visit(o * rows * columns, i * aRows * aColumns, j * bRows * bColumns);
      });
    },
  };
}

function multiplyNumbers(product: Product, [a, b]: readonly [DeviceArray, DeviceArray], output: DeviceArray): void {
  const [left, right, values] = [numbersOf(a), numbersOf(b), numbersOf(output)];
  const { rows, columns, inner } = product;
  product.walk((o, i, j) => {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          sum +=
            (left[i + row * product.left.row + k * product.left.column] ?? 0) *
            (right[j + k * product.right.row + column * product.right.column] ?? 0);
        }
        values[o + row * columns + column] = sum;
      }
    }
  });
  settle(output);
}

function multiplyBigInts(product: Product, [a, b]: readonly [DeviceArray, DeviceArray], output: DeviceArray): void {
  const [left, right, values] = [bigIntsOf(a), bigIntsOf(b), bigIntsOf(output)];
  const { rows, columns, inner } = product;
  product.walk((o, i, j) => {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0n;
        for (let k = 0; k < inner; k++) {
          sum +=
            (left[i + row * product.left.row + k * product.left.column] ?? 0n) *
            (right[j + k * product.right.row + column * product.right.column] ?? 0n);
        }
        values[o + row * columns + column] = sum;
      }
    }
  });
}
