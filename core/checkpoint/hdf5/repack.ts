import { type FileHandle, open } from 'node:fs/promises';
import { InvalidArgumentError } from '../../errors.ts';
import type { PackedFile } from '../../ndarray/packed-storage.ts';
import { elementCount } from '../../ndarray/shape.ts';
import { FileSource } from '../byte-source.ts';
import type { Extent } from '../paged-bytes.ts';
import { ChunkGrid } from './chunk-grid.ts';
import { type FieldPlace, type StoredChunk, storedChunks } from './chunk-index.ts';
import { type Dataset, readDataset } from './dataset.ts';
import { type ElementStorage, elementStorage, elementsOf } from './element-storage.ts';
import type { GuardedBlock, HdfBytes } from './fields.ts';
import { filtered, unfilter } from './filter-chain.ts';
import { type HdfPatch, withChecksums } from './guarded-patches.ts';
import { readObjectHeader } from './object-header.ts';
import { readSuperblock } from './superblock.ts';

/** A run of a dataset's numbers, in C order. */
export interface NumberRun {
  readonly start: number;
  readonly count: number;
}

/** New numbers for a dataset; plain data, as it crosses to a worker. */
export interface RepackJob {
  readonly file: PackedFile;
  readonly extent: Extent;
  /** For messages. */
  readonly name: string;
  /** Address of the dataset's object header. */
  readonly object: number;
  /** Little-endian numbers of the whole dataset, of which only `changed` are there. */
  readonly numbers: string;
  /** In order, without overlaps. */
  readonly changed: readonly NumberRun[];
  /** A file that stored bytes are appended to. */
  readonly stored: string;
  /** Where the file ends so far, counted as addresses are; null where nothing can be appended. */
  readonly end: number | null;
}

/** Bytes of the file that change: given, or a run of the job's `stored`. */
export type RepackPatch = { readonly address: number } & (
  | { readonly bytes: Uint8Array }
  | { readonly from: number; readonly nbytes: number }
);

export interface Repacked {
  readonly patches: readonly RepackPatch[];
  /** Where the file now ends. */
  readonly end: number | null;
}

/** Read and written at once of elements that lie in one run. */
const BLOCK_BYTES = 4 * 1024 * 1024;
/** What is appended begins at multiples of this. */
const ALIGNMENT = 8;

/**
 * Stores new numbers in a dataset whose elements are not simply those numbers: swapped, inside its header, in
 * chunks. A chunk that no longer fits its place goes to the end of the file, as HDF5 itself would put it there.
 */
export async function repack(job: RepackJob): Promise<Repacked> {
  const { file } = await readSuperblock(FileSource.known(job.file), job.extent);
  const guards: GuardedBlock[] = [];
  file.onGuarded = (block) => guards.push(block);
  const dataset = readDataset(await readObjectHeader(file, job.object));
  const element = dataset && elementStorage(dataset.type, null);
  if (!dataset?.space || !element || element.size !== element.nbytes) {
    return file.fail('there is no dataset of numbers', job.object);
  }
  await using numbers = await open(job.numbers, 'r');
  await using stored = await open(job.stored, 'a');
  const appended = (await stored.stat()).size;
  const repacking = new Repacking(job, { file, dataset, element, numbers, stored, appended });
  await repacking.run();
  const sealed = await withChecksums(file, repacking.small, guards);
  return { patches: [...repacking.large, ...sealed], end: repacking.end };
}

interface Opened {
  readonly file: HdfBytes;
  readonly dataset: Dataset;
  readonly element: ElementStorage;
  readonly numbers: FileHandle;
  readonly stored: FileHandle;
  readonly appended: number;
}

class Repacking {
  /** Structure, whose checksums are mended. */
  readonly small: HdfPatch[] = [];
  readonly large: RepackPatch[] = [];
  end: number | null;
  #appended: number;

  constructor(
    readonly job: RepackJob,
    readonly opened: Opened,
  ) {
    this.end = job.end;
    this.#appended = opened.appended;
  }

  async run(): Promise<void> {
    const { layout } = this.opened.dataset;
    switch (layout.kind) {
      case 'chunked':
        return await this.#chunks(layout);
      case 'contiguous':
      case 'compact':
        if (layout.address !== null) return await this.#oneRun(layout.address, layout.kind === 'compact');
        return this.#refuse('nothing of it was ever written');
      case 'virtual':
        return this.#refuse('its elements lie in other datasets');
    }
  }

  async #oneRun(address: number, inHeader: boolean): Promise<void> {
    const width = this.#numberBytes();
    for (const { start, count } of this.job.changed) {
      for (let done = 0; done < count; ) {
        const length = Math.min(count - done, Math.floor(BLOCK_BYTES / width));
        const bytes = elementsOf(await this.#numbers(start + done, length), this.opened.element);
        const at = address + (start + done) * width;
        if (inHeader) this.small.push({ address: at, bytes });
        else await this.#store(at, bytes);
        done += length;
      }
    }
  }

  async #chunks(layout: Extract<Dataset['layout'], { kind: 'chunked' }>): Promise<void> {
    const { file, dataset } = this.opened;
    const { space, type, filters } = dataset;
    if (!space) return;
    const chunkBytes = elementCount(layout.chunk) * type.size;
    const grid = new ChunkGrid(space.shape, layout.chunk);
    for await (const chunk of storedChunks(file, { layout, space, chunkBytes, filtered: filters.length > 0 })) {
      if (!grid.see(chunk.at) || !this.#touches(grid, chunk.at)) continue;
      const isRaw = layout.rawEdges && grid.isEdge(chunk.at);
      const former = await file.bytes.bytes(chunk.address, chunk.nbytes, 'a chunk');
      const before = unfilter(former, isRaw ? ~0 : chunk.mask, { filters, chunkBytes });
      const after = await this.#edited(grid, chunk.at, before);
      if (after.equals(before)) continue;
      const packed = isRaw ? { bytes: after, mask: chunk.mask } : filtered(after, filters);
      await this.#replace(chunk, packed);
    }
    for (const at of grid.missing()) {
      if (this.#touches(grid, at)) this.#refuse('a part of it that was never written would have to be');
    }
  }

  /** Whether a number of the chunk is among those that changed. */
  #touches(grid: ChunkGrid, at: readonly number[]): boolean {
    for (const { to, count } of grid.runs(at)) if (this.#changedIn(to, count).next().value) return true;
    return false;
  }

  async #edited(grid: ChunkGrid, at: readonly number[], before: Buffer): Promise<Buffer> {
    const after = Buffer.from(before);
    const width = this.#numberBytes();
    const inner = this.#inner();
    for (const { from, to, count } of grid.runs(at)) {
      for (const run of this.#changedIn(to, count)) {
        const bytes = elementsOf(await this.#numbers(run.start, run.count), this.opened.element);
        bytes.copy(after, (from * inner + run.start - to * inner) * width);
      }
    }
    return after;
  }

  /** What changed of the dataset's elements `[first, first + count)`, in numbers. */
  *#changedIn(first: number, count: number): Generator<NumberRun> {
    const inner = this.#inner();
    const [from, stop] = [first * inner, (first + count) * inner];
    const { changed } = this.job;
    let low = 0;
    let high = changed.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const run = changed[middle];
      if (run && run.start + run.count <= from) low = middle + 1;
      else high = middle;
    }
    for (let i = low; i < changed.length; i++) {
      const run = changed[i];
      if (!run || run.start >= stop) return;
      const start = Math.max(run.start, from);
      yield { start, count: Math.min(run.start + run.count, stop) - start };
    }
  }

  async #replace(
    chunk: StoredChunk,
    { bytes, mask }: { readonly bytes: Buffer; readonly mask: number },
  ): Promise<void> {
    const { fields } = chunk;
    const fits = bytes.length <= chunk.nbytes;
    const address = fits ? chunk.address : this.#append(bytes.length);
    await this.#store(address, bytes);
    if (bytes.length !== chunk.nbytes || mask !== chunk.mask) {
      if (!fields?.nbytes || !fields.mask) return this.#refuse('its index has no room for another size');
      this.#field(fields.nbytes, bytes.length);
      this.#field(fields.mask, mask);
    }
    if (!fits && fields) this.#field(fields.address, address);
  }

  #field({ at, width }: FieldPlace, value: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    this.small.push({ address: at, bytes: bytes.subarray(0, width) });
  }

  #append(nbytes: number): number {
    if (this.end === null) return this.#refuse('it is compressed, and no longer fits into its archive');
    const address = Math.ceil(this.end / ALIGNMENT) * ALIGNMENT;
    this.end = address + nbytes;
    return address;
  }

  async #store(address: number, bytes: Buffer): Promise<void> {
    await this.opened.stored.appendFile(bytes);
    this.large.push({ address, from: this.#appended, nbytes: bytes.length });
    this.#appended += bytes.length;
  }

  async #numbers(start: number, count: number): Promise<Buffer> {
    const width = this.#numberBytes();
    const bytes = Buffer.allocUnsafe(count * width);
    const { bytesRead } = await this.opened.numbers.read(bytes, 0, bytes.length, start * width);
    if (bytesRead !== bytes.length) throw new TypeError(`The numbers end before ${start + count}.`);
    return bytes;
  }

  #numberBytes(): number {
    return this.opened.element.nbytes / this.#inner();
  }

  #inner(): number {
    return elementCount(this.opened.element.inner);
  }

  #refuse(reason: string): never {
    throw new InvalidArgumentError(
      `'${this.job.name}' cannot be saved as it was edited: ${reason}. Save as safetensors instead.`,
    );
  }
}
