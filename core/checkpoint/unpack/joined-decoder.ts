import { CheckpointFormatError } from '../../errors.ts';
import type { PackedStorage } from '../../ndarray/packed-storage.ts';
import type { RandomBytes, UnpackJob } from './decoder.ts';
import { storedList } from './parameters.ts';
import type { StoredBytes } from './stored-bytes.ts';

/** Bytes of the value that are put together at once. */
const BLOCK_BYTES = 8 * 1024 * 1024;

/** Parts whose rows alternate: row 0 of each, then row 1 of each; all have `rows` rows. */
export function joinedStorage(parts: readonly StoredBytes[], rows: number): PackedStorage {
  return { decoder: 'joined', parameters: { parts, rows } };
}

interface Part {
  readonly bytes: RandomBytes;
  /** Bytes of one of its rows. */
  readonly row: number;
  /** Where its row begins within a row of the value. */
  readonly at: number;
}

/** Arrays joined along an axis: what comes before the axis counts as rows. */
export async function decodeJoined(job: UnpackJob): Promise<void> {
  const { rows } = job.parameters;
  if (typeof rows !== 'number' || !Number.isSafeInteger(rows) || rows < 0 || job.nbytes === 0) {
    if (job.nbytes === 0) return;
    throw new CheckpointFormatError('A joined tensor is described wrongly: its rows are not counted.');
  }
  const parts: Part[] = [];
  let row = 0;
  for (const stored of storedList(job.parameters.parts)) {
    const part = { bytes: await job.bytes(stored), row: stored.nbytes / rows, at: row };
    parts.push(part);
    row += part.row;
  }
  if (row * rows !== job.nbytes || !Number.isInteger(row)) {
    throw new CheckpointFormatError(`Parts of ${row * rows} bytes are joined to a tensor of ${job.nbytes}.`);
  }
  if (row > BLOCK_BYTES) copyRows(job, parts, { rows, row });
  else gatherRows(job, parts, { rows, row });
}

interface Rows {
  readonly rows: number;
  /** Bytes of a row of the value. */
  readonly row: number;
}

/** Long rows: each part of each goes by itself. */
function copyRows(job: UnpackJob, parts: readonly Part[], { rows, row }: Rows): void {
  const buffer = new Uint8Array(BLOCK_BYTES);
  for (let index = 0; index < rows; index++) {
    for (const part of parts) {
      for (let done = 0; done < part.row; done += BLOCK_BYTES) {
        const piece = buffer.subarray(0, Math.min(BLOCK_BYTES, part.row - done));
        part.bytes.read(index * part.row + done, piece);
        job.write(piece, index * row + part.at + done);
        job.advance(piece.length);
      }
    }
  }
}

/** Short rows: many of them at once, each part read in one go. */
function gatherRows(job: UnpackJob, parts: readonly Part[], { rows, row }: Rows): void {
  const perBlock = Math.max(1, Math.floor(BLOCK_BYTES / row));
  const block = new Uint8Array(Math.min(rows, perBlock) * row);
  const source = new Uint8Array(block.length);
  for (let first = 0; first < rows; first += perBlock) {
    const count = Math.min(perBlock, rows - first);
    for (const part of parts) {
      const read = source.subarray(0, count * part.row);
      part.bytes.read(first * part.row, read);
      for (let index = 0; index < count; index++) {
        block.set(read.subarray(index * part.row, (index + 1) * part.row), index * row + part.at);
      }
    }
    job.write(block.subarray(0, count * row), first * row);
    job.advance(count * row);
  }
}
