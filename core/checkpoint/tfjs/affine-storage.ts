import type { PackedStorage } from '../../ndarray/packed-storage.ts';
import type { StoredBytes } from '../unpack/stored-bytes.ts';
import type { Quantization } from './manifest.ts';

/** Quantized numbers `q` that stand for `q * scale + min`, or float16 that stands for float32. */
export function affineStorage(stored: StoredBytes, { dtype, scale = 1, min = 0 }: Quantization): PackedStorage {
  return { decoder: 'affine', parameters: { stored, dtype, scale, min } };
}
