import { bytesFor, type DType } from '../../../core/ndarray/dtype.ts';
import { elementCount, type Shape } from '../../../core/ndarray/shape.ts';
import type { LazySource } from '../../../core/parameter/lazy-source.ts';

export interface TestSource extends LazySource {
  /** How often `chunks` was asked for. */
  readonly readings: number;
}

interface Spec {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly bytes: Uint8Array;
  readonly chunkElements?: number;
  /** Awaited before each chunk but the first. */
  readonly between?: (chunk: number) => Promise<void>;
}

/** A file entry as the workspace offers it, from memory. */
export function sourceOf({ dtype, shape, bytes, chunkElements = 3, between }: Spec): TestSource {
  const width = bytesFor(dtype, 1);
  let readings = 0;
  return {
    dtype,
    shape,
    nbytes: bytesFor(dtype, elementCount(shape)),
    describe: () => 'the file model.safetensors',
    async *chunks() {
      readings++;
      for (let start = 0; start * width < bytes.length; start += chunkElements) {
        if (start > 0) await between?.(start / chunkElements);
        yield { elementOffset: start, bytes: bytes.slice(start * width, (start + chunkElements) * width) };
      }
    },
    get readings() {
      return readings;
    },
  };
}

export function float32Source(shape: Shape, values: readonly number[], between?: Spec['between']): TestSource {
  const bytes = new Uint8Array(Float32Array.from(values).buffer);
  return sourceOf({ dtype: 'float32', shape, bytes, ...(between && { between }) });
}
