import { CheckpointFormatError, UnsupportedDTypeError } from '../../errors.ts';
import { type ByteStream, type StoredArray, type StoredDense, streamOf } from '../../ndarray/array-file.ts';
import { formatShape, type Shape } from '../../ndarray/shape.ts';
import { collect, widenedIndices } from '../streams.ts';
import { type PieceSource, readNpy, readNpyText } from './npy.ts';
import { npyHeader } from './npy-header.ts';

const FORMATS = { csr: 'csr', row_sparse: 'row_sparse' } as const;

/** The members that stand for one sparse array, in the order of the alphabet. */
const PARTS = {
  row_sparse: ['data', 'format', 'indices', 'shape'],
  csr: ['data', 'format', 'indices', 'indptr', 'shape'],
} as const;

/** More dimensions than any tensor has; the shape is read whole. */
const MAX_SHAPE_BYTES = 64 * 8;

/** Whether the members of a folder are those of a sparse array, as MXNet and SciPy write them. */
export function isSparseFolder(parts: readonly string[]): boolean {
  const found = parts.toSorted().join();
  return found === PARTS.row_sparse.join() || found === PARTS.csr.join();
}

/** One sparse array from its members. @throws CheckpointFormatError */
export async function readSparseFolder(folder: ReadonlyMap<string, PieceSource>, file: string): Promise<StoredArray> {
  const part = (name: string): PieceSource => {
    const found = folder.get(name);
    if (found) return found;
    throw new CheckpointFormatError(`${file}: a sparse array lacks its ${name}.npy.`, { file });
  };
  const text = await readNpyText(part('format'));
  const stype = Object.values(FORMATS).find((format) => format === text);
  if (!stype) {
    throw new CheckpointFormatError(
      `${file}: sparse matrices of format "${text}" are not read; csr and row_sparse are.`,
      {
        file,
      },
    );
  }
  const { dtype, values, shape: stored } = await readNpy(part('data'));
  const shape = await readShape(part('shape'), file);
  const indices = await readIndices(part('indices'), file);
  if (stype === 'row_sparse') return { stype, dtype, shape, rows: stored[0] ?? 0, indices, values };
  const indptr = await readIndices(part('indptr'), file);
  return { stype, dtype, shape, nnz: stored[0] ?? 0, indptr, indices, values };
}

async function readShape(source: PieceSource, file: string): Promise<number[]> {
  const sizes = await readIndices(source, file);
  if (sizes.nbytes > MAX_SHAPE_BYTES) {
    throw new CheckpointFormatError(`${file}: ${source.name} announces a shape of ${sizes.nbytes} bytes.`, { file });
  }
  const bytes = await collect(sizes);
  return [...new BigInt64Array(bytes.slice().buffer)].map(Number);
}

async function readIndices(source: PieceSource, file: string): Promise<ByteStream> {
  const { dtype, values } = await readNpy(source);
  if (dtype === 'int64') return values;
  if (dtype === 'int32') return widenedIndices(values);
  throw new UnsupportedDTypeError(`${file}: ${source.name} holds ${dtype}; int64 and int32 can index.`, {
    file,
    dtype,
  });
}

/** The members of a sparse array and what they consist of, without the values' header. */
export function sparseMembers(array: Exclude<StoredArray, StoredDense>): [name: string, parts: ByteStream[]][] {
  const shape = new Uint8Array(BigInt64Array.from(array.shape, BigInt).buffer);
  const members: [string, ByteStream[]][] = [
    ['indices', indexMember(array.indices)],
    ['shape', indexMember(streamOf(shape))],
    ['format', textMember(array.stype)],
  ];
  if (array.stype === 'csr') members.push(['indptr', indexMember(array.indptr)]);
  return members;
}

/** Shape of the stored values. */
export function storedShape(array: Exclude<StoredArray, StoredDense>): Shape {
  return array.stype === 'csr' ? [array.nnz] : [array.rows, ...array.shape.slice(1)];
}

function indexMember(indices: ByteStream): ByteStream[] {
  return [streamOf(npyHeader('<i8', [indices.nbytes / 8])), indices];
}

function textMember(text: string): ByteStream[] {
  return [streamOf(npyHeader(`|S${text.length}`, [])), streamOf(Buffer.from(text, 'latin1'))];
}

/** @throws CheckpointFormatError where a sparse array's parts do not fit each other. */
export function checkSparse(array: StoredArray, file: string, name: string): void {
  if (array.stype === 'default') return;
  const { indices, shape } = array;
  const stored = storedShape(array);
  const rows = array.stype === 'csr' ? array.indptr.nbytes / 8 - 1 : shape[0];
  const flat = array.stype === 'row_sparse' || shape.length === 2;
  if (flat && rows === shape[0] && indices.nbytes / 8 === stored[0] && !shape.some((size) => size < 0)) return;
  throw new CheckpointFormatError(
    `${file}: the parts of ${JSON.stringify(name)}, ${array.stype} of shape ${formatShape(shape)}, do not fit each other.`,
    { file },
  );
}
