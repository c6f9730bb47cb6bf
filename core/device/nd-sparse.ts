import type { DType } from '../ndarray/dtype.ts';
import type { Shape } from '../ndarray/shape.ts';
import { type ArrayOptions, array } from './nd.ts';
import { NDArray } from './nd-array.ts';
import type { NestedValues } from './nested.ts';
import { csrArray, rowSparseArray } from './sparse.ts';
import type { CSRNDArray } from './sparse-csr.ts';
import type { RowSparseNDArray } from './sparse-rows.ts';

type Values = NDArray | NestedValues;

/**
 * A row_sparse array of `shape` that holds the rows `data` at the ascending `indices`; whatever is no
 * array yet becomes one. @throws ShapeMismatchError where `data` is not one row for each index.
 */
export function rowSparse(
  { indices, data, shape }: { readonly indices: Values; readonly data: Values; readonly shape: Shape },
  options: ArrayOptions = {},
): RowSparseNDArray {
  return rowSparseArray({ indices: asIndices(indices, options), data: asArray(data, options), shape });
}

/**
 * A csr matrix of `shape`: row `i` has `data[indptr[i]]` to `data[indptr[i + 1] - 1]` in the columns
 * that `indices` names. @throws ShapeMismatchError where the lengths do not fit.
 */
export function csr(
  parts: { readonly indptr: Values; readonly indices: Values; readonly data: Values; readonly shape: Shape },
  options: ArrayOptions = {},
): CSRNDArray {
  const { indptr, indices, data, shape } = parts;
  return csrArray({
    indptr: asIndices(indptr, options),
    indices: asIndices(indices, options),
    data: asArray(data, options),
    shape,
  });
}

/** int64, as MXNet keeps the indices of sparse arrays. */
function asIndices(values: Values, options: ArrayOptions): NDArray {
  const dtype: DType = 'int64';
  return values instanceof NDArray ? values : array(values, { ...options, dtype });
}

function asArray(values: Values, options: ArrayOptions): NDArray {
  return values instanceof NDArray ? values : array(values, options);
}
