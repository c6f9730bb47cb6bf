import type { DeviceRuntime } from '../../device/runtime.ts';
import { withSeed } from '../../initializer/random-stream.ts';
import { bytesFor } from '../../ndarray/dtype.ts';
import { elementCount } from '../../ndarray/shape.ts';
import { DrawnValue } from '../../parameter/drawn-value.ts';
import type { Draw } from './deriver.ts';

const PIECE_BYTES = 8 * 1024 * 1024;

/**
 * Draws on cpu(0). The bits depend on initializer, seed, shape and dtype alone: every draw numbers its
 * random values from the start.
 */
export function drawOn(runtime: DeviceRuntime): Draw {
  return async function* ({ initializer, name, seed, dtype, shape }) {
    // Ops are enqueued in here; the worker computes later.
    const array = withSeed(seed, () => new DrawnValue(initializer).draw(name, { runtime, shape, dtype }));
    try {
      const total = elementCount(shape);
      const step = Math.floor(PIECE_BYTES / bytesFor(dtype, 1));
      for (let start = 0; start < total; start += step) {
        yield await array.bytes({ start, count: Math.min(step, total - start) });
      }
    } finally {
      array.dispose();
    }
  };
}
