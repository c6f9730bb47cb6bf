import { bytesFor } from '../../ndarray/dtype.ts';
import { elementCount, formatShape } from '../../ndarray/shape.ts';
import type { Entry, OtherArray } from '../checkpoint.ts';
import type { PagedBytes } from '../paged-bytes.ts';
import { type ByteRun, contiguous, plainBytes, stridedStorage, swapSize } from '../unpack/stored-bytes.ts';
import type { BundleIndex, NamedEntry } from './bundle.ts';
import { elementType, otherTypeName } from './element-types.ts';
import type { AxisExtent, BundleEntry } from './messages.ts';
import type { Shards } from './shards.ts';
import { sliceKey } from './slice-key.ts';
import { type PlacedSlice, slicesStorage } from './slices-storage.ts';

export interface BundleContents {
  readonly entries: readonly Entry[];
  readonly others: readonly OtherArray[];
}

/** Lays every tensor of an index out in the data files. @throws CheckpointFormatError where they do not agree */
export async function layOutBundle(bytes: PagedBytes, index: BundleIndex, shards: Shards): Promise<BundleContents> {
  const layout = new Layout(bytes, index, shards);
  for (const tensor of index.tensors) await layout.add(tensor);
  return layout;
}

class Layout implements BundleContents {
  readonly entries: Entry[] = [];
  readonly others: OtherArray[] = [];

  constructor(
    readonly bytes: PagedBytes,
    readonly index: BundleIndex,
    readonly shards: Shards,
  ) {}

  async add(tensor: NamedEntry): Promise<void> {
    const { entry, offset } = tensor;
    const name = tensor.name.toString('utf8');
    const type = elementType(entry.dtype);
    if (!type) return await this.#addOther(name, tensor);
    const { shape } = entry;
    const nbytes = bytesFor(type.dtype, elementCount(shape));
    const head = { name, dtype: type.dtype, shape, nbytes, ...(type.original && { facts: { dtype: type.original } }) };
    if (entry.slices.length > 0) {
      this.entries.push({ ...head, ...(await this.#sliced(tensor, head)) });
      return;
    }
    const what = `tensor ${JSON.stringify(name)}, ${type.dtype} ${formatShape(shape)},`;
    if (entry.nbytes !== nbytes)
      this.bytes.fail(`${what} takes ${nbytes} bytes; the index says ${entry.nbytes}`, offset);
    const run = await this.#run(entry, what, offset);
    const { bigEndian } = this.index.header;
    const packed =
      bigEndian && swapSize(type.dtype) > 1 && stridedStorage(plainBytes(run), contiguous(type.dtype, { bigEndian }));
    this.entries.push({ ...head, file: run.file, offset: run.offset, ...(packed && { packed }) });
  }

  async #addOther(name: string, { entry, offset }: NamedEntry): Promise<void> {
    const dtype = otherTypeName(entry.dtype);
    const run = await this.#run(entry, `${dtype} ${JSON.stringify(name)}`, offset);
    this.others.push({ name, dtype, shape: entry.shape, ...run, before: this.entries.length, text: '' });
  }

  async #run({ shard, offset, nbytes }: BundleEntry, what: string, block: number): Promise<ByteRun> {
    const { file, source } = await this.shards.open(shard);
    if (offset + nbytes <= source.size) return { file, offset, nbytes };
    return this.bytes.fail(
      `${what} should lie at bytes ${offset} to ${offset + nbytes} of ${source.name}, which has ${source.size}`,
      block,
    );
  }

  async #sliced(
    { name, entry, offset }: NamedEntry,
    { dtype, shape, nbytes }: Pick<Entry, 'dtype' | 'shape' | 'nbytes'>,
  ): Promise<Pick<Entry, 'file' | 'offset' | 'packed'>> {
    const what = `a slice of tensor ${JSON.stringify(name.toString('utf8'))}`;
    const slices: PlacedSlice[] = [];
    let covered = 0;
    for (const extents of entry.slices) {
      const found = this.index.slices.get(sliceKey(name, extents).toString('latin1'));
      if (!found) return this.bytes.fail(`${what} is not in the index`, offset);
      const place = this.#place(extents, shape, { what, offset });
      const length = bytesFor(dtype, elementCount(place.shape));
      if (found.nbytes !== length)
        this.bytes.fail(`${what} takes ${length} bytes; the index says ${found.nbytes}`, offset);
      covered += length;
      slices.push({ ...place, run: await this.#run(found, what, offset) });
    }
    if (covered !== nbytes)
      this.bytes.fail(`the slices of a tensor take ${covered} bytes, the tensor ${nbytes}`, offset);
    const first = slices[0]?.run ?? { file: 0, offset: 0 };
    return { file: first.file, offset: first.offset, packed: slicesStorage(slices, this.index.header.bigEndian) };
  }

  /** Where in its tensor a slice begins, and its shape. */
  #place(
    extents: readonly AxisExtent[],
    shape: readonly number[],
    { what, offset }: { readonly what: string; readonly offset: number },
  ): { start: number[]; shape: number[] } {
    const start = extents.map((extent) => extent.start);
    const sizes = extents.map(({ length }, axis) => length ?? shape[axis] ?? 0);
    const fits =
      extents.length === shape.length && shape.every((size, axis) => (start[axis] ?? 0) + (sizes[axis] ?? 0) <= size);
    return fits ? { start, shape: sizes } : this.bytes.fail(`${what} lies outside of it`, offset);
  }
}
