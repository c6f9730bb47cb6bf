import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesFor, type DType } from '../../../core/ndarray/dtype.ts';
import type { FileRegion, FileStamp, LazyTensor, TensorStep } from '../../../core/ndarray/lazy-tensor.ts';
import { elementCount } from '../../../core/ndarray/shape.ts';

/** A folder of tensor files that goes away with the test file that made it. */
export class Scratch {
  readonly folder = mkdtempSync(join(tmpdir(), 'parascope-stats-'));
  #files = 0;

  path(): string {
    this.#files += 1;
    return join(this.folder, `${this.#files}.bin`);
  }

  /** Writes `bytes` behind an odd offset, so that nothing is aligned, and gives the tensor they are. */
  tensor(dtype: DType, shape: readonly number[], bytes: Uint8Array, steps: readonly TensorStep[] = []): LazyTensor {
    const path = this.path();
    writeFileSync(path, Buffer.concat([Buffer.from('header!'), bytes]));
    return { dtype, shape, region: { ...regionOf(path, 7), nbytes: bytesFor(dtype, elementCount(shape)) }, steps };
  }

  /** A file of zeros that takes no room. */
  sparse(size: number): FileRegion {
    const path = this.path();
    writeFileSync(path, '');
    truncateSync(path, size);
    return regionOf(path, 0);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function stampOf(path: string): FileStamp {
  const { size, mtimeMs, ino } = statSync(path);
  return { size, mtimeMs, ino };
}

export function regionOf(path: string, offset: number): FileRegion {
  const stamp = stampOf(path);
  return { path, offset, nbytes: stamp.size - offset, stamp };
}

export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

export function base64(array: ArrayBufferView): string {
  return Buffer.from(bytesOf(array)).toString('base64');
}

/** Deterministic pseudo-random numbers in [0, 1) (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Roughly normal values, as weights are. */
export function weights(count: number, seed: number): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length: count }, () => (next() + next() + next() - 1.5) * 0.04);
}
