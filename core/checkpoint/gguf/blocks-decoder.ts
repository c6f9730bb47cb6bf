import { CheckpointFormatError } from '../../errors.ts';
import { isQuantized } from '../../ndarray/dtype.ts';
import { BLOCK_FORMATS } from '../../ndarray/quantized/block-formats.ts';
import type { UnpackJob } from '../unpack/decoder.ts';
import { storedOf } from '../unpack/parameters.ts';
import { swapBytes } from '../unpack/swap-bytes.ts';
import { BLOCK_FIELDS, type BlockField } from './block-fields.ts';

const PIECE_BYTES = 4 * 1024 * 1024;

/** Turns the numbers inside the blocks of a big-endian file. */
export async function decodeBlocks(job: UnpackJob): Promise<void> {
  const fields = isQuantized(job.dtype) ? BLOCK_FIELDS[job.dtype] : null;
  if (!fields || !isQuantized(job.dtype)) throw new CheckpointFormatError(`${job.dtype} has no blocks to turn.`);
  const size = BLOCK_FORMATS[job.dtype].bytes;
  const bytes = await job.bytes(storedOf(job.parameters.stored));
  const step = Math.floor(PIECE_BYTES / size) * size;
  for (let start = 0; start < job.nbytes; start += step) {
    const piece = new Uint8Array(Math.min(step, job.nbytes - start));
    bytes.read(start, piece);
    for (let at = 0; at < piece.length; at += size) turnBlock(piece.subarray(at, at + size), fields);
    job.write(piece, start);
    job.advance(piece.length);
  }
}

function turnBlock(block: Uint8Array, fields: readonly BlockField[]): void {
  for (const { at, size, count } of fields) swapBytes(block.subarray(at, at + size * count), size);
}
