import { open } from 'node:fs/promises';
import { elementCount } from '../../../ndarray/shape.ts';
import { ChunkGrid } from '../chunk-grid.ts';
import { swapped } from '../element-storage.ts';
import { filtered } from '../filter-chain.ts';
import type { Packing } from './dataset-object.ts';
import type { HdfStorage } from './model.ts';

/** The numbers of a dataset, to be stored as it stores them; plain data, as it crosses to a worker. */
export interface PackJob extends Packing {
  readonly shape: readonly number[];
  /** A file of all numbers, little-endian in C order. */
  readonly numbers: string;
  /** A file that stored bytes are appended to. */
  readonly stored: string;
}

/** A chunk as it is stored in the job's file. */
export interface PackedChunk {
  /** Empty for a dataset in one run. */
  readonly at: readonly number[];
  readonly mask: number;
  readonly from: number;
  readonly nbytes: number;
}

/** Turned and written at once of a dataset in one run; a multiple of every item's size. */
const BLOCK_BYTES = 4 * 1024 * 1024;

/** Cuts numbers into chunks and does to each what the filters ask for, one at a time. */
export async function packChunks(job: PackJob): Promise<PackedChunk[]> {
  const { shape, chunk, filters, itemsize, swap } = job;
  if (elementCount(shape) === 0) return [];
  await using numbers = await open(job.numbers, 'r');
  await using stored = await open(job.stored, 'a');
  let from = (await stored.stat()).size;
  if (!chunk) {
    const nbytes = elementCount(shape) * itemsize;
    for (let done = 0; done < nbytes; done += BLOCK_BYTES) {
      const block = Buffer.alloc(Math.min(BLOCK_BYTES, nbytes - done));
      await numbers.read(block, 0, block.length, done);
      await stored.appendFile(swapped(block, swap));
    }
    return [{ at: [], mask: 0, from, nbytes }];
  }
  const chunks: PackedChunk[] = [];
  const grid = new ChunkGrid(shape, chunk);
  for (const at of grid.missing()) {
    const elements = Buffer.alloc(elementCount(chunk) * itemsize);
    for (const run of grid.runs(at)) {
      await numbers.read(elements, run.from * itemsize, run.count * itemsize, run.to * itemsize);
    }
    const { bytes, mask } = filtered(swapped(elements, swap), filters);
    await stored.appendFile(bytes);
    chunks.push({ at, mask, from, nbytes: bytes.length });
    from += bytes.length;
  }
  return chunks;
}

/** The chunks as they would be without any filter. */
export function unpackedChunks({
  shape,
  chunk,
  itemsize,
}: Pick<PackJob, 'shape' | 'chunk' | 'itemsize'>): PackedChunk[] {
  if (elementCount(shape) === 0) return [];
  if (!chunk) return [{ at: [], mask: 0, from: 0, nbytes: elementCount(shape) * itemsize }];
  const nbytes = elementCount(chunk) * itemsize;
  return Array.from(new ChunkGrid(shape, chunk).missing(), (at, i) => ({ at, mask: 0, from: i * nbytes, nbytes }));
}

/** The storage that packed chunks make. */
export function packedStorage({ chunk, itemsize }: Packing, chunks: readonly PackedChunk[]): HdfStorage {
  const runs = chunks.map(({ at, mask, from, nbytes }) => ({
    at,
    mask,
    data: { kind: 'packed', from, nbytes } as const,
  }));
  if (chunk) return { kind: 'chunked', chunk, elementBytes: itemsize, chunks: runs };
  const [only] = runs;
  return { kind: 'contiguous', nbytes: only?.data.nbytes ?? 0, data: only?.data ?? null };
}
