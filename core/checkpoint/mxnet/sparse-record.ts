import { elementCount, formatShape } from '../../ndarray/shape.ts';
import type { IndexRun, SparseLayout } from '../../ndarray/sparse-layout.ts';
import type { FileCursor } from './file-cursor.ts';
import { readShape } from './shape-field.ts';
import { dtypeOfFlag } from './type-flags.ts';

/** What a record says of a sparse array before its values come. */
export interface SparseFields {
  readonly stype: 'row_sparse' | 'csr';
  /** Shape of the stored values. */
  readonly storageShape: readonly number[];
  /** Shape of the dense form. */
  readonly shape: readonly number[];
  /** row_sparse: the rows; csr: indptr, then the columns. */
  readonly auxiliary: readonly Auxiliary[];
}

interface Auxiliary {
  readonly dtype: 'int32' | 'int64';
  readonly count: number;
}

export interface StoredSparse {
  readonly layout: SparseLayout;
  readonly storageShape: readonly number[];
}

const AUXILIARY = { row_sparse: ['the row indices'], csr: ['indptr', 'the column indices'] } as const;

/** Reads the descriptions of the index arrays and checks that they fit the two shapes. */
export function readSparseFields(cursor: FileCursor, fields: Omit<SparseFields, 'auxiliary'>): SparseFields {
  const offset = cursor.position;
  const auxiliary = AUXILIARY[fields.stype].map((what) => readAuxiliary(cursor, what));
  const complete = { ...fields, auxiliary };
  const problem = fields.stype === 'row_sparse' ? rowSparseProblem(complete) : csrProblem(complete);
  if (problem !== null) {
    const { stype, storageShape, shape } = fields;
    const what = `a ${stype} array of shape ${formatShape(shape)} with stored values of shape ${formatShape(storageShape)}`;
    cursor.fail(`${what} cannot be: ${problem}`, offset);
  }
  return complete;
}

function readAuxiliary(cursor: FileCursor, what: string): Auxiliary {
  const offset = cursor.position;
  const flag = cursor.i32(`the type flag of ${what}`);
  const dtype = dtypeOfFlag(flag);
  if (dtype !== 'int64' && dtype !== 'int32') {
    return cursor.fail(`${what} are of type flag ${flag}; int64 (6) and int32 (4) can index`, offset);
  }
  const shape = readShape(cursor, `the shape of ${what}`);
  if (shape.length !== 1 || (shape[0] ?? -1) < 0) cursor.fail(`${what} must be a list`, offset);
  return { dtype, count: elementCount(shape) };
}

function rowSparseProblem({ storageShape, shape, auxiliary }: SparseFields): string | null {
  const [stored = -1, ...inner] = storageShape;
  const [rows, ...wanted] = shape;
  if (rows === undefined || stored < 0) return 'it has no rows';
  if (stored > rows) return `${stored} of ${rows} rows are stored`;
  if (stored !== auxiliary[0]?.count) return `there are ${auxiliary[0]?.count} row indices`;
  if (stored > 0 && formatShape(inner) !== formatShape(wanted)) return 'the stored rows are of another shape';
  return null;
}

function csrProblem({ storageShape, shape, auxiliary }: SparseFields): string | null {
  const [rows, columns, ...more] = shape;
  if (rows === undefined || columns === undefined || more.length > 0) return 'csr arrays have two dimensions';
  const [stored = -1] = storageShape;
  if (storageShape.length !== 1 || stored < 0) return 'the stored values must be a list';
  const [indptr, indices] = auxiliary;
  if (stored !== indices?.count) return `there are ${indices?.count} column indices`;
  if (stored > rows * columns) return `that is more than all ${rows * columns} elements`;
  const empty = indptr?.count === 0 && stored === 0;
  return empty || indptr?.count === rows + 1 ? null : `indptr has ${indptr?.count} elements, not ${rows + 1}`;
}

/** Passes over the index arrays behind the values and says where they are. */
export function sparsePlaces(cursor: FileCursor, { stype, auxiliary, storageShape }: SparseFields): StoredSparse {
  const [first, second] = auxiliary.map((run, i): IndexRun => {
    const offset = cursor.position;
    cursor.skip(run.count * (run.dtype === 'int64' ? 8 : 4), AUXILIARY[stype][i] ?? 'indices');
    return { ...run, offset };
  });
  if (stype === 'row_sparse' && first) return { storageShape, layout: { stype, rows: first } };
  if (stype === 'csr' && first && second) return { storageShape, layout: { stype, indptr: first, columns: second } };
  return cursor.fail(`a ${stype} array lacks its indices`);
}
