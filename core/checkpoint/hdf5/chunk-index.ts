import { btree1Leaves } from './btree1.ts';
import { openBtree2 } from './btree2.ts';
import type { Dataspace, Layout } from './dataset-messages.ts';
import { extensibleArrayElements } from './extensible-array.ts';
import type { Fields, HdfBytes } from './fields.ts';
import { fixedArrayElements } from './fixed-array.ts';

/** A chunk of a dataset as it is stored. */
export interface StoredChunk {
  /** The first element's index in the dataset, one number per axis. */
  readonly at: readonly number[];
  readonly address: number;
  readonly nbytes: number;
  /** Bits of the filters that were left out. */
  readonly mask: number;
  /** Where the index says so; the latter two null where chunks have no filters. */
  readonly fields: {
    readonly address: FieldPlace;
    readonly nbytes: FieldPlace | null;
    readonly mask: FieldPlace | null;
  } | null;
}

/** Where a number of the index stands. */
export interface FieldPlace {
  readonly at: number;
  readonly width: number;
}

export interface ChunkedStorage {
  readonly layout: Extract<Layout, { kind: 'chunked' }>;
  readonly space: Dataspace;
  /** Bytes of a chunk before any filter. */
  readonly chunkBytes: number;
  readonly filtered: boolean;
}

/** Every stored chunk, by whichever of the six indexes the file uses; those that were never written are not there. */
export async function* storedChunks(file: HdfBytes, storage: ChunkedStorage): AsyncGenerator<StoredChunk> {
  const { layout, space, chunkBytes } = storage;
  const { address, index } = layout;
  if (address === null) return;
  const zeros = space.shape.map(() => 0);
  switch (index.kind) {
    case 'single':
      yield { at: zeros, address, nbytes: index.nbytes ?? chunkBytes, mask: index.mask, fields: index.fields };
      return;
    case 'implicit':
      yield* implicitChunks(storage, address);
      return;
    case 'btree1':
      yield* tree1Chunks(file, storage, address);
      return;
    case 'btree2':
      yield* tree2Chunks(file, storage, address);
      return;
    case 'fixedArray':
      yield* arrayChunks(storage, fixedArrayElements(file, address), gridOf(storage, null));
      return;
    case 'extensibleArray':
      yield* arrayChunks(storage, extensibleArrayElements(file, address), gridOf(storage, space.limits.indexOf(null)));
      return;
  }
}

async function* tree1Chunks(file: HdfBytes, { layout }: ChunkedStorage, root: number): AsyncGenerator<StoredChunk> {
  const rank = layout.chunk.length;
  const key = (fields: Fields) => {
    const { position } = fields;
    const [nbytes, mask] = [fields.u32(), fields.u32()];
    const at = Array.from({ length: rank }, () => fields.uint(8));
    fields.skip(8);
    return { nbytes, mask, at, position };
  };
  const keyBytes = 8 + 8 * (rank + 1);
  for await (const { key: found, address } of btree1Leaves(file, root, { type: 1, keyBytes, key })) {
    const { position, ...chunk } = found;
    const places = {
      nbytes: { at: position, width: 4 },
      mask: { at: position + 4, width: 4 },
      address: { at: position + keyBytes, width: file.widths.offset },
    };
    yield { ...chunk, address, fields: places };
  }
}

async function* tree2Chunks(file: HdfBytes, storage: ChunkedStorage, root: number): AsyncGenerator<StoredChunk> {
  const { layout, chunkBytes } = storage;
  const { type, recordBytes, records } = await openBtree2(file, root);
  if (type !== 10 && type !== 11) file.fail(`the index of chunks is of type ${type} where 10 or 11 should be`, root);
  const sizeWidth = recordBytes - file.widths.offset - 4 - 8 * layout.chunk.length;
  for await (const record of records) {
    const fields = fieldPlaces(record.position, file.widths.offset, type === 11 ? sizeWidth : null);
    const address = record.requiredAddress('a chunk');
    const nbytes = type === 11 ? record.uint(sizeWidth) : chunkBytes;
    const mask = type === 11 ? record.u32() : 0;
    yield { at: layout.chunk.map((size) => size * record.uint(8)), address, nbytes, mask, fields };
  }
}

/** How chunks are numbered: the axes in the order in which they count, and how many chunks each has. */
interface Grid {
  readonly axes: readonly number[];
  readonly counts: readonly number[];
}

/** `growing` is the axis without limit, which counts slowest. */
function gridOf({ layout, space }: ChunkedStorage, growing: number | null): Grid {
  const all = layout.chunk.map((_, axis) => axis);
  const axes = growing === null ? all : [growing, ...all.filter((axis) => axis !== growing)];
  const counts = axes.map((axis) => {
    const size = axis === growing ? space.shape[axis] : (space.limits[axis] ?? space.shape[axis]);
    return Math.ceil((size ?? 1) / (layout.chunk[axis] ?? 1));
  });
  return { axes, counts };
}

function placeOf(index: number, { axes, counts }: Grid, chunk: readonly number[]): number[] {
  const at = chunk.map(() => 0);
  let left = index;
  for (let i = axes.length - 1; i >= 0; i--) {
    const count = i === 0 ? Number.POSITIVE_INFINITY : (counts[i] ?? 1);
    const axis = axes[i] ?? 0;
    at[axis] = (count === Number.POSITIVE_INFINITY ? left : left % count) * (chunk[axis] ?? 1);
    left = count === Number.POSITIVE_INFINITY ? 0 : Math.floor(left / count);
  }
  return at;
}

async function* arrayChunks(
  { layout, chunkBytes, filtered }: ChunkedStorage,
  elements: AsyncGenerator<{ readonly index: number; readonly fields: Fields }>,
  grid: Grid,
): AsyncGenerator<StoredChunk> {
  for await (const { index, fields } of elements) {
    const { position } = fields;
    const address = fields.addressOrNull();
    if (address === null) continue;
    // What is left besides the mask is the size's width: it differs between versions of the library.
    const sizeWidth = filtered ? fields.left - 4 : null;
    const places = fieldPlaces(position, fields.at, sizeWidth);
    const nbytes = sizeWidth === null ? chunkBytes : fields.uint(sizeWidth);
    const mask = filtered ? fields.u32() : 0;
    yield { at: placeOf(index, grid, layout.chunk), address, nbytes, mask, fields: places };
  }
}

/** A record of address and, of filtered chunks, size and mask. */
function fieldPlaces(at: number, addressWidth: number, sizeWidth: number | null): StoredChunk['fields'] {
  const address = { at, width: addressWidth };
  if (sizeWidth === null) return { address, nbytes: null, mask: null };
  const size = { at: at + addressWidth, width: sizeWidth };
  return { address, nbytes: size, mask: { at: size.at + sizeWidth, width: 4 } };
}

/** All chunks lie one after the other. */
async function* implicitChunks(storage: ChunkedStorage, address: number): AsyncGenerator<StoredChunk> {
  const grid = gridOf(storage, null);
  const count = grid.counts.reduce((product, size) => product * size, 1);
  const { chunkBytes, layout } = storage;
  for (let i = 0; i < count; i++) {
    const at = placeOf(i, grid, layout.chunk);
    yield { at, address: address + i * chunkBytes, nbytes: chunkBytes, mask: 0, fields: null };
  }
}
