import { CheckpointFormatError } from '../../errors.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { RandomBytes, UnpackJob } from './decoder.ts';
import { gatherTile } from './gather-tile.ts';
import { arrangementOf, storedOf } from './parameters.ts';
import type { Arrangement, StoredBytes } from './stored-bytes.ts';
import { swapBytes } from './swap-bytes.ts';
import { type Axis, addressRange, axesOf, tileSizes, tilesOf } from './tiles.ts';

/** Bytes of a tile; as much again is read at once. */
const TILE_BYTES = 8 * 1024 * 1024;

/** Puts elements that lie somehow among stored bytes into C order and little-endian. */
export async function decodeStrided(job: UnpackJob): Promise<void> {
  const stored = storedOf(job.parameters.stored);
  const arrangement = arrangementOf(job.parameters.arrangement);
  if (elementCount(job.shape) === 0) return;
  const axes = axesOf(job.shape, arrangement);
  check(job, stored, { arrangement, axes });
  const { itemsize, start, swap } = arrangement;
  const isRun = axes.length === 0 || (axes.length === 1 && axes[0]?.source === itemsize);
  if (isRun) {
    await copyRun(job, { ...stored, start: stored.start + start, nbytes: job.nbytes }, swap);
    return;
  }
  copyTiles(job, await job.bytes(stored), { arrangement, axes });
}

interface Layout {
  readonly arrangement: Arrangement;
  readonly axes: readonly Axis[];
}

function check(job: UnpackJob, stored: StoredBytes, { arrangement, axes }: Layout): void {
  const { itemsize, swap } = arrangement;
  const count = elementCount(job.shape);
  const { lowest, highest } = addressRange(axes, arrangement);
  const whole = count * itemsize === job.nbytes || (arrangement.strides === null && swap === 1);
  const fits = lowest >= 0 && Number.isSafeInteger(highest) && highest <= stored.nbytes;
  if (whole && fits && itemsize % swap === 0 && stored.start + stored.nbytes <= stored.length) return;
  const [run] = stored.runs;
  throw new CheckpointFormatError(
    `A tensor of ${count} elements of ${itemsize} bytes takes the bytes ${lowest} to ${highest} of what is stored for it, which has ${stored.nbytes} (at byte ${run?.offset ?? 0} of the file).`,
    { offset: run?.offset ?? 0 },
  );
}

async function copyRun(job: UnpackJob, stored: StoredBytes, swap: number): Promise<void> {
  let position = 0;
  for await (const piece of job.pieces(stored)) {
    swapBytes(piece, swap);
    job.write(piece, position);
    job.advance(piece.length);
    position += piece.length;
  }
}

function copyTiles(job: UnpackJob, bytes: RandomBytes, { arrangement, axes }: Layout): void {
  const { itemsize, start, swap } = arrangement;
  const sizes = tileSizes(axes, Math.floor(TILE_BYTES / itemsize));
  const buffer = new Uint8Array(sizes.reduce((product, size) => product * size, itemsize));
  for (const tile of tilesOf(axes, sizes)) {
    const filled = buffer.subarray(
      0,
      tile.counts.reduce((product, count) => product * count, itemsize),
    );
    gatherTile(bytes, { axes, tile, itemsize, start }, filled);
    swapBytes(filled, swap);
    for (const { from, to, nbytes } of tile.runs(itemsize)) job.write(filled.subarray(from, from + nbytes), to);
    job.advance(filled.length);
  }
}
