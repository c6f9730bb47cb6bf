import type { NDArray } from '../../device/nd-array.ts';
import type { DeviceRuntime } from '../../device/runtime.ts';
import { withSeed } from '../../initializer/random-stream.ts';
import { bytesFor } from '../../ndarray/dtype.ts';
import { elementCount } from '../../ndarray/shape.ts';
import { DrawnValue } from '../../parameter/drawn-value.ts';
import type { Draw } from './deriver.ts';

/** A multiple of four elements of any dtype. */
const PIECE_BYTES = 8 * 1024 * 1024;

/**
 * Draws on cpu(0). The bits depend on initializer, seed, shape and dtype alone: every draw numbers its
 * random values from the start. A value whose elements do not depend on one another is drawn piece by piece,
 * in the memory of one, whatever its size; any other (Orthogonal) stands on the device as a whole.
 */
export function drawOn(runtime: DeviceRuntime): Draw {
  return async function* ({ initializer, name, seed, dtype, shape }) {
    const drawn = new DrawnValue(initializer);
    const spec = { runtime, dtype, shape };
    const total = elementCount(shape);
    const step = Math.floor(PIECE_BYTES / bytesFor(dtype, 1));
    let whole: NDArray | null = null;
    try {
      for (let start = 0; start < total; start += step) {
        const range = { start, count: Math.min(step, total - start) };
        // Ops are enqueued under the seed; the worker computes later.
        const part = whole ? null : withSeed(seed, () => drawn.drawRange(name, { ...spec, range }));
        if (part) yield await bytesOf(part);
        else {
          whole ??= withSeed(seed, () => drawn.draw(name, spec));
          yield await whole.bytes(range);
        }
      }
    } finally {
      whole?.dispose();
    }
  };
}

async function bytesOf(part: NDArray): Promise<Uint8Array> {
  try {
    return await part.bytes();
  } finally {
    part.dispose();
  }
}
