import { elementCount } from '../../ndarray/shape.ts';
import { ChunkGrid } from './chunk-grid.ts';
import { type StoredChunk, storedChunks } from './chunk-index.ts';
import { type Dataset, readDataset } from './dataset.ts';
import type { HdfBytes } from './fields.ts';
import { readObjectHeader } from './object-header.ts';

type ChunkedLayout = Extract<Dataset['layout'], { kind: 'chunked' }>;

/** The stored chunks that hold elements of the dataset, each once; it may have been larger than it is. */
export async function* chunksWithin(
  file: HdfBytes,
  { space, type, filters }: Dataset,
  layout: ChunkedLayout,
): AsyncGenerator<StoredChunk & { readonly isEdge: boolean }> {
  if (!space || elementCount(space.shape) === 0) return;
  const chunkBytes = elementCount(layout.chunk) * type.size;
  const grid = chunkGrid(file, space.shape, layout);
  for await (const chunk of storedChunks(file, { layout, space, chunkBytes, filtered: filters.length > 0 })) {
    if (grid.see(chunk.at)) yield { ...chunk, isEdge: grid.isEdge(chunk.at) };
  }
}

/** Whether a chunked dataset has elements that were never written, which have no place in the file. */
export async function hasUnwrittenChunks(file: HdfBytes, object: number): Promise<boolean> {
  const dataset = readDataset(await readObjectHeader(file, object));
  if (dataset?.layout.kind !== 'chunked' || !dataset.space) return false;
  let chunks = 0;
  for await (const _ of chunksWithin(file, dataset, dataset.layout)) chunks++;
  return chunks < chunkGrid(file, dataset.space.shape, dataset.layout).cells;
}

/** @throws CheckpointFormatError for more chunks than any real dataset has */
export function chunkGrid(file: HdfBytes, shape: readonly number[], { chunk, address }: ChunkedLayout): ChunkGrid {
  try {
    return new ChunkGrid(shape, chunk);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return file.fail(`the dataset has ${error.message}`, address ?? 0);
  }
}
