import { InvalidArgumentError } from '../../../errors.ts';
import { numberOf } from '../../attributes.ts';
import { registerKernel } from './registry.ts';
import { arrayAt, indicesOf, integersIn, rowCopier, rowTester } from './sparse.ts';

/** csr: row `i` of a matrix has the columns `indices[indptr[i]]` to `indices[indptr[i + 1] - 1]`, ascending. */

registerKernel('dense_to_csr', (inputs, _attributes, outputs) => {
  const dense = arrayAt(inputs, 0);
  const [rows = 0, columns = 0] = dense.shape;
  const indptr = indicesOf(arrayAt(outputs, 0));
  const indices = indicesOf(arrayAt(outputs, 1)).fill(-1n);
  const copy = rowCopier(dense, arrayAt(outputs, 2), 1);
  const isStored = rowTester(dense, 1);
  let stored = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (!isStored(row * columns + column)) continue;
      indices[stored] = BigInt(column);
      copy(row * columns + column, stored++);
    }
    indptr[row + 1] = BigInt(stored);
  }
});

registerKernel('csr_to_dense', (inputs, _attributes, outputs) => {
  const dense = arrayAt(outputs, 0);
  const [rows = 0, columns = 0] = dense.shape;
  const indptr = indicesOf(arrayAt(inputs, 0));
  const indices = indicesOf(arrayAt(inputs, 1));
  const copy = rowCopier(arrayAt(inputs, 2), dense, 1);
  for (let row = 0; row < rows; row++) {
    for (let at = Number(indptr[row]); at < Number(indptr[row + 1]); at++) {
      copy(at, row * columns + Number(indices[at]));
    }
  }
});

/** What a user gave, as int64. @throws InvalidArgumentError where it is no csr of `columns` columns. */
registerKernel('csr_indices', (inputs, attributes, outputs) => {
  const columns = numberOf(attributes, 'columns');
  const indptr = indicesOf(arrayAt(outputs, 0));
  const indices = indicesOf(arrayAt(outputs, 1));
  indptr.set(integersIn(arrayAt(inputs, 0)));
  indices.set(integersIn(arrayAt(inputs, 1)));
  checkIndptr(indptr, indices.length);
  for (let row = 0; row + 1 < indptr.length; row++) {
    checkColumns(row, indices.subarray(Number(indptr[row]), Number(indptr[row + 1])), columns);
  }
});

function checkIndptr(indptr: BigInt64Array, stored: number): void {
  const ascends = indptr.every((start, row) => row === 0 || start >= (indptr[row - 1] ?? 0n));
  if (indptr[0] === 0n && ascends && indptr.at(-1) === BigInt(stored)) return;
  throw new InvalidArgumentError(`indptr of a csr array must ascend from 0 to ${stored}, the number of its indices.`);
}

function checkColumns(row: number, indices: BigInt64Array, columns: number): void {
  indices.forEach((column, i) => {
    if (column >= 0n && column < BigInt(columns) && (i === 0 || column > (indices[i - 1] ?? 0n))) return;
    throw new InvalidArgumentError(
      `Column indices of a csr array must ascend from 0 to ${columns - 1} within a row, but row ${row} has ${column} at position ${i}.`,
    );
  });
}
