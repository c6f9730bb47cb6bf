import { CheckpointFormatError, UnsupportedDTypeError } from '../../errors.ts';
import { bytesFor } from '../../ndarray/dtype.ts';
import { elementCount, formatShape, type Shape } from '../../ndarray/shape.ts';
import type { IndexRun, SparseLayout } from '../../ndarray/sparse-layout.ts';
import type { Entry } from '../checkpoint.ts';
import { type StoredBytes, sliceOf, unpackedBytes } from '../unpack/stored-bytes.ts';
import type { ZipArchive } from '../zip/archive.ts';
import type { FoundArray } from './array-entries.ts';
import type { NpyType } from './npy-type.ts';
import { isSparseFolder } from './npz-sparse.ts';

/** More dimensions than any tensor has; the shape is read whole. */
const MAX_SHAPE_BYTES = 64 * 8;
const MAX_FORMAT_BYTES = 64;

/** The folders whose members stand for one sparse array; SciPy's files have the members in no folder. */
export function sparseFolders(arrays: readonly FoundArray[]): Map<string, Map<string, FoundArray>> {
  const folders = new Map<string, Map<string, FoundArray>>();
  for (const array of arrays) {
    const slash = array.name.lastIndexOf('/');
    const folder = array.name.slice(0, Math.max(slash, 0));
    const parts = folders.get(folder) ?? new Map<string, FoundArray>();
    folders.set(folder, parts.set(array.name.slice(slash + 1), array));
  }
  for (const [folder, parts] of folders) if (!isSparseFolder([...parts.keys()])) folders.delete(folder);
  return folders;
}

/** What the decoder of sparse arrays is told of one part. */
export type SparsePart = {
  readonly stored: StoredBytes;
  /** Bytes that a big-endian writer reversed; 1 for none. */
  readonly swap: number;
  /** Where it goes among the unpacked bytes. */
  readonly position: number;
};

/**
 * A sparse array of SciPy or MXNet, csr or row_sparse, from its members. Its indices are checked when it is
 * unpacked.
 *
 * @throws CheckpointFormatError where the parts do not fit each other.
 */
export async function sparseEntry(
  archive: ZipArchive,
  folder: string,
  found: ReadonlyMap<string, FoundArray>,
): Promise<Entry> {
  const parts = new SparseParts(archive, found);
  const stype = await parts.format();
  const shape = await parts.shape();
  const data = parts.numbers('data');
  const layout = stype === 'csr' ? ['data', 'indptr', 'indices'] : ['data', 'indices'];
  const placed = parts.placed(layout);
  const runs = placed.slice(1).map(({ part, position }): IndexRun => {
    const { type, count } = parts.indices(part);
    return { offset: position, count, dtype: type.dtype === 'int32' ? 'int32' : 'int64' };
  });
  const sparseLayout = layoutOf(stype, runs);
  const dataShape = parts.of('data').header.shape;
  const name = folder === '' ? archive.source.name.replace(/\.npz$/i, '') : folder;
  if (!sparseLayout || !fits(sparseLayout, shape, dataShape)) {
    throw new CheckpointFormatError(
      `${archive.source.name}: the parts of ${JSON.stringify(name)}, ${stype} of shape ${formatShape(shape)}, do not fit each other.`,
      { file: archive.source.name },
    );
  }
  const [first] = parts.of('data').stored.runs;
  return {
    name,
    dtype: data.type.dtype,
    shape,
    nbytes: unpackedBytes(data.type.dtype, shape),
    file: 0,
    offset: first?.offset ?? 0,
    sparse: { layout: sparseLayout, storedBytes: bytesFor(data.type.dtype, data.count) },
    packed: {
      decoder: 'npz-sparse',
      parameters: {
        parts: placed.map(({ part, position }): SparsePart => ({ ...parts.valuesOf(part), position })),
        stype,
        wide: runs.map(({ dtype }) => dtype === 'int64'),
        rows: shape[0] ?? 0,
        columns: shape[1] ?? 0,
      },
    },
  };
}

type NumberType = Extract<NpyType, { kind: 'number' }>;

/** The members of one sparse array. */
class SparseParts {
  readonly #archive: ZipArchive;
  readonly #found: ReadonlyMap<string, FoundArray>;

  constructor(archive: ZipArchive, found: ReadonlyMap<string, FoundArray>) {
    this.#archive = archive;
    this.#found = found;
  }

  of(part: string): FoundArray {
    const found = this.#found.get(part);
    if (found) return found;
    throw new CheckpointFormatError(`${this.#archive.source.name}: a sparse array lacks its ${part}.npy.`, {
      file: this.#archive.source.name,
    });
  }

  numbers(part: string): { readonly type: NumberType; readonly count: number } {
    const { header, file, stored } = this.of(part);
    const { type, shape, end } = header;
    const count = elementCount(shape);
    if (type.kind === 'number' && count * type.itemsize <= stored.length - end) return { type, count };
    throw new CheckpointFormatError(
      `${file}: its ${count} elements are no numbers, or cut short (byte ${end} of it).`,
      {
        file,
        offset: end,
      },
    );
  }

  indices(part: string): { readonly type: NumberType; readonly count: number } {
    const numbers = this.numbers(part);
    const { dtype } = numbers.type;
    if ((dtype === 'int32' || dtype === 'int64') && this.of(part).header.shape.length === 1) return numbers;
    const { file } = this.of(part);
    throw new UnsupportedDTypeError(`${file} holds ${dtype}; lists of int64 and int32 can index.`, { file, dtype });
  }

  /** The values of a part, without its header. */
  valuesOf(part: string): { stored: StoredBytes; swap: number } {
    const { stored, header } = this.of(part);
    const { type, count } = this.numbers(part);
    return { stored: sliceOf(stored, header.end, count * type.itemsize), swap: type.swap };
  }

  /** One part behind the other, each on a multiple of 16 bytes. */
  placed(layout: readonly string[]): { readonly part: string; readonly position: number }[] {
    let next = 0;
    return layout.map((part) => {
      const position = Math.ceil(next / 16) * 16;
      next = position + this.valuesOf(part).stored.nbytes;
      return { part, position };
    });
  }

  async format(): Promise<'csr' | 'row_sparse'> {
    // MXNet's own header for texts is malformed: what it says is in the bytes behind the header.
    const bytes = await this.#small('format', MAX_FORMAT_BYTES);
    const text = bytes.toString('latin1').replaceAll('\0', '').trim();
    if (text === 'csr' || text === 'row_sparse') return text;
    const file = this.#archive.source.name;
    throw new CheckpointFormatError(
      `${file}: sparse matrices of format "${text}" are not read; csr and row_sparse are. In SciPy, convert it with .tocsr() and save it again.`,
      { file },
    );
  }

  async shape(): Promise<number[]> {
    const { type } = this.indices('shape');
    const bytes = await this.#small('shape', MAX_SHAPE_BYTES);
    const sizes: number[] = [];
    for (let at = 0; at + type.itemsize <= bytes.length; at += type.itemsize) {
      const piece = bytes.subarray(at, at + type.itemsize);
      if (type.swap > 1) piece.reverse();
      sizes.push(type.itemsize === 8 ? Number(piece.readBigInt64LE()) : piece.readInt32LE());
    }
    if (sizes.every((size) => Number.isSafeInteger(size) && size >= 0)) return sizes;
    const { file } = this.of('shape');
    throw new CheckpointFormatError(`${file}: ${formatShape(sizes)} is no shape.`, { file });
  }

  async #small(part: string, limit: number): Promise<Buffer> {
    const { file, header } = this.of(part);
    const member = this.#archive.find(`${this.of(part).name}.npy`);
    if (!member) throw new CheckpointFormatError(`${file} is gone.`, { file });
    const bytes = await this.#archive.read(member, header.end + limit);
    return Buffer.from(bytes.subarray(header.end));
  }
}

function layoutOf(stype: 'csr' | 'row_sparse', [first, second]: readonly IndexRun[]): SparseLayout | null {
  if (stype === 'row_sparse') return first ? { stype, rows: first } : null;
  return first && second ? { stype, indptr: first, columns: second } : null;
}

function fits(layout: SparseLayout, shape: Shape, stored: Shape): boolean {
  const [rows = 0] = shape;
  if (layout.stype === 'row_sparse') {
    const inner = formatShape(stored.slice(1)) === formatShape(shape.slice(1));
    return shape.length > 0 && inner && stored[0] === layout.rows.count && layout.rows.count <= rows;
  }
  const { indptr, columns } = layout;
  return shape.length === 2 && stored.length === 1 && stored[0] === columns.count && indptr.count === rows + 1;
}
