import { open } from 'node:fs/promises';
import { elementCount } from '../../../ndarray/shape.ts';
import { ChunkGrid } from '../chunk-grid.ts';
import { swapped } from '../element-storage.ts';
import { filtered } from '../filter-chain.ts';
import type { ChunkWriting } from './dataset-object.ts';
import type { HdfChunk } from './model.ts';

/** The numbers of a dataset, to be stored in chunks; plain data, as it crosses to a worker. */
export interface PackJob extends ChunkWriting {
  readonly shape: readonly number[];
  /** A file of all numbers, little-endian in C order. */
  readonly numbers: string;
  /** A file that stored bytes are appended to. */
  readonly stored: string;
}

/** A chunk as it is stored in the job's file. */
export interface PackedChunk {
  readonly at: readonly number[];
  readonly mask: number;
  readonly from: number;
  readonly nbytes: number;
}

/** Cuts numbers into chunks and does to each what the filters ask for, one at a time. */
export async function packChunks({ shape, chunk, filters, itemsize, swap, ...files }: PackJob): Promise<PackedChunk[]> {
  if (elementCount(shape) === 0) return [];
  await using numbers = await open(files.numbers, 'r');
  await using stored = await open(files.stored, 'a');
  let from = (await stored.stat()).size;
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
export function unpackedChunks({ shape, chunk, itemsize }: Pick<PackJob, 'shape' | 'chunk' | 'itemsize'>): HdfChunk[] {
  if (elementCount(shape) === 0) return [];
  const nbytes = elementCount(chunk) * itemsize;
  return Array.from(new ChunkGrid(shape, chunk).missing(), (at, i) => {
    return { at, mask: 0, data: { kind: 'packed', from: i * nbytes, nbytes } };
  });
}
