import type { StoredChunk } from './chunk-index.ts';
import type { Fields } from './fields.ts';

const MAX_RANK = 64;

export interface Dataspace {
  readonly shape: readonly number[];
  /** What the shape may grow to; null where that is without limit. */
  readonly limits: readonly (number | null)[];
}

/** Null for a dataset without elements or shape (H5S_NULL). */
export function readDataspace(fields: Fields): Dataspace | null {
  const version = fields.u8();
  const rank = fields.u8();
  if (rank > MAX_RANK) fields.fail(`a dataset has ${rank} dimensions; ${MAX_RANK} are read`);
  const flags = fields.u8();
  if (version === 1) fields.skip(5);
  else if (version !== 2) fields.fail(`a dataspace is of version ${version}; 1 and 2 are read`);
  else if (fields.u8() === 2) return null;
  const shape = Array.from({ length: rank }, () => fields.size());
  const limits = (flags & 1) !== 0 ? shape.map(() => fields.sizeOrUnlimited()) : shape;
  return { shape, limits };
}

/** How a chunked dataset finds its chunks. */
export type ChunkIndex =
  | { readonly kind: 'btree1' | 'btree2' | 'fixedArray' | 'extensibleArray' | 'implicit' }
  | {
      readonly kind: 'single';
      readonly nbytes: number | null;
      readonly mask: number;
      /** Where size and mask stand, and the address of the chunk behind them. */
      readonly fields: StoredChunk['fields'];
    };

export type Layout =
  /** The elements stand in the object header. */
  | { readonly kind: 'compact'; readonly address: number; readonly nbytes: number }
  /** Null: nothing was ever written. */
  | { readonly kind: 'contiguous'; readonly address: number | null }
  | {
      readonly kind: 'chunked';
      readonly address: number | null;
      /** In elements of the dataset. */
      readonly chunk: readonly number[];
      readonly index: ChunkIndex;
      /** Chunks that reach over the dataset's edge are stored as they are. */
      readonly rawEdges: boolean;
    }
  | { readonly kind: 'virtual' };

/** Where the elements lie: the data layout message, versions 1 to 5. */
export function readLayout(fields: Fields): Layout {
  const version = fields.u8();
  if (version === 1 || version === 2) return readOldLayout(fields);
  if (version < 3 || version > 5) return fields.fail(`a data layout is of version ${version}; 1 to 5 are read`);
  const kind = fields.u8();
  switch (kind) {
    case 0:
      return compact(fields, fields.u16());
    case 1:
      return { kind: 'contiguous', address: fields.addressOrNull() };
    case 2:
      return version === 3 ? readChunked(fields) : readIndexed(fields);
    case 3:
      return { kind: 'virtual' };
    default:
      return fields.fail(`a data layout is of class ${kind}, which HDF5 does not have`);
  }
}

function compact(fields: Fields, nbytes: number): Layout {
  const address = fields.position;
  fields.skip(nbytes);
  return { kind: 'compact', address, nbytes };
}

function readOldLayout(fields: Fields): Layout {
  const rank = fields.u8();
  const kind = fields.u8();
  fields.skip(5);
  if (rank > MAX_RANK) fields.fail(`a data layout has ${rank} dimensions; ${MAX_RANK} are read`);
  const address = kind === 0 ? null : fields.addressOrNull();
  const sizes = Array.from({ length: rank }, () => fields.u32());
  if (kind === 0) return compact(fields, fields.u32());
  if (kind === 1) return { kind: 'contiguous', address };
  // The last dimension is the element.
  if (kind === 2)
    return { kind: 'chunked', address, chunk: sizes.slice(0, -1), index: { kind: 'btree1' }, rawEdges: false };
  return fields.fail(`a data layout is of class ${kind}, which HDF5 does not have`);
}

function readChunked(fields: Fields): Layout {
  const rank = readChunkRank(fields);
  const address = fields.addressOrNull();
  const sizes = Array.from({ length: rank }, () => fields.u32());
  return { kind: 'chunked', address, chunk: sizes.slice(0, -1), index: { kind: 'btree1' }, rawEdges: false };
}

function readChunkRank(fields: Fields): number {
  const rank = fields.u8();
  if (rank < 1 || rank > MAX_RANK) fields.fail(`a chunk has ${rank} dimensions; 1 to ${MAX_RANK} are read`);
  return rank;
}

function readIndexed(fields: Fields): Layout {
  const flags = fields.u8();
  const rank = readChunkRank(fields);
  const width = fields.u8();
  if (width < 1 || width > 8) fields.fail(`sizes of chunks take ${width} bytes; 1 to 8 are possible`);
  const sizes = Array.from({ length: rank }, () => fields.uint(width));
  const index = readIndex(fields, (flags & 2) !== 0);
  const address = fields.addressOrNull();
  return { kind: 'chunked', address, chunk: sizes.slice(0, -1), index, rawEdges: (flags & 1) !== 0 };
}

function readIndex(fields: Fields, filtered: boolean): ChunkIndex {
  const kind = fields.u8();
  switch (kind) {
    case 1:
      return readSingle(fields, filtered);
    case 2:
      return { kind: 'implicit' };
    case 3:
      fields.skip(1);
      return { kind: 'fixedArray' };
    case 4:
      fields.skip(5);
      return { kind: 'extensibleArray' };
    case 5:
      fields.skip(6);
      return { kind: 'btree2' };
    default:
      return fields.fail(`chunks are indexed by method ${kind}, which HDF5 does not have`);
  }
}

function readSingle(fields: Fields, filtered: boolean): ChunkIndex {
  const { position } = fields;
  const { length, offset } = fields.file.widths;
  if (!filtered) {
    const address = { at: position, width: offset };
    return { kind: 'single', nbytes: null, mask: 0, fields: { address, nbytes: null, mask: null } };
  }
  const places = {
    nbytes: { at: position, width: length },
    mask: { at: position + length, width: 4 },
    address: { at: position + length + 4, width: offset },
  };
  return { kind: 'single', nbytes: fields.size(), mask: fields.u32(), fields: places };
}

export interface Filter {
  readonly id: number;
  readonly name: string;
  readonly parameters: readonly number[];
}

const FILTER_NAMES: Readonly<Record<number, string>> = {
  1: 'deflate',
  2: 'shuffle',
  3: 'fletcher32',
  4: 'szip',
  5: 'nbit',
  6: 'scaleoffset',
  32000: 'lzf',
  32001: 'blosc',
  32004: 'lz4',
  32008: 'bitshuffle',
  32013: 'zfp',
  32015: 'zstd',
  32026: 'blosc2',
};

/** HDF5 allows 32. */
const MAX_FILTERS = 32;
const MAX_PARAMETERS = 4096;

/** What was done to each chunk, in the order of writing: the filter pipeline message, versions 1 and 2. */
export function readFilters(fields: Fields): Filter[] {
  const version = fields.u8();
  const count = fields.u8();
  if (version !== 1 && version !== 2) fields.fail(`a filter pipeline is of version ${version}; 1 and 2 are read`);
  if (count > MAX_FILTERS) fields.fail(`a dataset has ${count} filters; HDF5 allows ${MAX_FILTERS}`);
  if (version === 1) fields.skip(6);
  return Array.from({ length: count }, () => {
    const id = fields.u16();
    const nameBytes = version === 1 || id >= 256 ? fields.u16() : 0;
    fields.skip(2);
    const values = fields.u16();
    if (values > MAX_PARAMETERS) fields.fail(`a filter has ${values} parameters; ${MAX_PARAMETERS} are read`);
    const padded = version === 1 ? Math.ceil(nameBytes / 8) * 8 : nameBytes;
    const name = fields.take(padded).toString('latin1').replace(/\0.*$/s, '');
    const parameters = Array.from({ length: values }, () => fields.u32());
    if (version === 1 && values % 2 === 1) fields.skip(4);
    return { id, name: FILTER_NAMES[id] ?? (name || `filter ${id}`), parameters };
  });
}

/** The element that stands for what was never written, as the file stores elements; null for zeros. */
export function readFillValue(fields: Fields): Buffer | null {
  const version = fields.u8();
  if (version < 1 || version > 3) fields.fail(`a fill value is of version ${version}; 1 to 3 are read`);
  if (version === 3) {
    const flags = fields.u8();
    return (flags & 0x20) !== 0 ? sized(fields) : null;
  }
  fields.skip(2);
  const defined = fields.u8() !== 0;
  return version === 1 || defined ? sized(fields) : null;
}

/** The message of versions before 1.6. */
export function readOldFillValue(fields: Fields): Buffer | null {
  return sized(fields);
}

function sized(fields: Fields): Buffer | null {
  if (fields.left < 4) return null;
  const nbytes = fields.u32();
  return nbytes === 0 || nbytes > 0x7fffffff ? null : fields.take(nbytes);
}
