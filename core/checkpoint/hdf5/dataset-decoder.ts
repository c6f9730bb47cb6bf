import { z } from 'zod';
import { CheckpointFormatError } from '../../errors.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { ByteSource } from '../byte-source.ts';
import type { Extent } from '../paged-bytes.ts';
import type { UnpackJob } from '../unpack/decoder.ts';
import { storedOf } from '../unpack/parameters.ts';
import { type StoredChunk, storedChunks } from './chunk-index.ts';
import { chunkTarget } from './chunk-target.ts';
import { type Dataset, readDataset } from './dataset.ts';
import { chunkGrid } from './dataset-chunks.ts';
import { type ElementStorage, elementStorage, numbersOf } from './element-storage.ts';
import type { HdfBytes } from './fields.ts';
import { unfilter } from './filter-chain.ts';
import { readObjectHeader } from './object-header.ts';
import { readSuperblock } from './superblock.ts';

/** A chunk is unpacked as a whole; HDF5 itself suggests about 1 MiB and allows 4 GiB. */
const MAX_CHUNK = 512 * 1024 * 1024;

/** What is filled at once where nothing was written. */
const FILL_BYTES = 4 * 1024 * 1024;

const parametersSchema = z.object({ object: z.int().nonnegative(), field: z.string().nullable() });

/** Unpacks a dataset chunk by chunk, in the order of its index; what was never written becomes its fill value. */
export async function decodeDataset(job: UnpackJob): Promise<void> {
  const { object, field } = parametersSchema.parse(job.parameters);
  const { source, extent } = await containerOf(job);
  const { file } = await readSuperblock(source, extent);
  const dataset = readDataset(await readObjectHeader(file, object));
  const element = dataset && elementStorage(dataset.type, field);
  if (!dataset?.space || !element) return file.fail('there is no dataset of numbers', object);
  const shape = [...dataset.space.shape, ...element.inner];
  if (elementCount(shape) === 0) return;
  if (shape.join() !== job.shape.join() || element.dtype !== job.dtype) {
    return file.fail('the dataset is not the one that was listed', object);
  }
  await new Unpacking(job, file, dataset, element).run();
}

async function containerOf(job: UnpackJob): Promise<{ source: ByteSource; extent: Extent }> {
  const container = storedOf(job.parameters.container);
  const [run] = container.runs;
  if (!run) throw new CheckpointFormatError('A dataset without a file cannot be unpacked.');
  const opened = job.file(run.file);
  const plain = container.compression === 'none';
  const bytes = plain ? opened : await job.bytes(container);
  const extent = plain ? { start: run.offset, nbytes: run.nbytes } : { start: 0, nbytes: bytes.nbytes };
  const read = async (start: number, nbytes: number): Promise<Uint8Array> => {
    const target = Buffer.allocUnsafeSlow(nbytes);
    bytes.read(start, target);
    return target;
  };
  return { source: { name: opened.name, size: bytes.nbytes, read }, extent };
}

class Unpacking {
  readonly #shape: readonly number[];

  constructor(
    readonly job: UnpackJob,
    readonly file: HdfBytes,
    readonly dataset: Dataset,
    readonly element: ElementStorage,
  ) {
    this.#shape = dataset.space?.shape ?? [];
  }

  async run(): Promise<void> {
    const { layout } = this.dataset;
    switch (layout.kind) {
      case 'chunked':
        return await this.#chunks(layout);
      case 'contiguous':
        if (layout.address === null) return this.#fill(elementCount(this.#shape));
        return this.file.fail('a dataset in one run needs no unpacking', layout.address);
      default:
        return this.file.fail(`a dataset of layout ${layout.kind} cannot be unpacked`, 0);
    }
  }

  async #chunks(layout: Extract<Dataset['layout'], { kind: 'chunked' }>): Promise<void> {
    const { space, filters, type } = this.dataset;
    const { chunk } = layout;
    const chunkBytes = elementCount(chunk) * type.size;
    if (!space || chunk.length !== this.#shape.length || chunk.some((size) => size === 0) || chunkBytes > MAX_CHUNK) {
      this.file.fail(
        `chunks of (${chunk.join(', ')}) elements, ${chunkBytes} bytes, cannot be read`,
        layout.address ?? 0,
      );
    }
    const { index } = layout;
    const ordered = index.kind !== 'extensibleArray' || space.limits[0] === null;
    const grid = chunkGrid(this.file, this.#shape, layout);
    const { nbytes } = this.element;
    const target = chunkTarget(
      { job: this.job, grid, shape: this.#shape, chunk, nbytes, fill: this.#fillNumbers() },
      ordered,
    );
    const storage = { layout, space, chunkBytes, filtered: filters.length > 0 };
    for await (const stored of storedChunks(this.file, storage)) {
      if (!grid.see(stored.at)) continue;
      const raw = layout.rawEdges && grid.isEdge(stored.at);
      const elements = await this.#chunk(stored, raw ? ~0 : stored.mask, chunkBytes);
      if (!target.place(stored.at, numbersOf(elements, this.element))) {
        this.file.fail('the index of chunks is out of order', stored.address);
      }
    }
    target.finish();
  }

  async #chunk({ address, nbytes }: StoredChunk, mask: number, chunkBytes: number): Promise<Buffer> {
    const stored = await this.file.bytes.bytes(address, nbytes, 'a chunk');
    try {
      return unfilter(stored, mask, { filters: this.dataset.filters, chunkBytes });
    } catch (error) {
      return this.file.fail(
        `a chunk cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        address,
      );
    }
  }

  #fill(count: number): void {
    const fill = this.#fillNumbers();
    if (!fill) return;
    const block = Math.max(1, Math.floor(FILL_BYTES / fill.length));
    const blank = Buffer.alloc(Math.min(block, count) * fill.length, fill);
    for (let at = 0; at < count; at += block) {
      const length = Math.min(block, count - at) * fill.length;
      this.job.write(blank.subarray(0, length), at * fill.length);
      this.job.advance(length);
    }
  }

  /** The numbers of an element that was never written; null where they are zeros. */
  #fillNumbers(): Buffer | null {
    const { fill, type } = this.dataset;
    if (!fill?.some((byte) => byte !== 0)) return null;
    if (fill.length !== type.size) return this.file.fail('the fill value is no element of its dataset', 0);
    return numbersOf(fill, this.element);
  }
}
