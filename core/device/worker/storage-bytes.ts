import { isByteFloat, narrowFloats, widenFloats } from '../../ndarray/codec/float-codec.ts';
import { bytesFor, type DType, dtypeInfo } from '../../ndarray/dtype.ts';
import type { ReadForm } from '../protocol.ts';
import type { DeviceArray } from './device-array.ts';

/**
 * Storage bytes (C order, little-endian, as the machines that Node runs on) in and out of arrays,
 * bit for bit: no element passes through a number on its way, so NaN payloads survive.
 */

/** Writes `bytes`, storage of the array's own dtype, from element `offset` on. */
export function writeBytes(array: DeviceArray, offset: number, bytes: ArrayBuffer): void {
  const { dtype, elements } = array;
  if (elements.kind === 'complex') {
    const words = elements.re.BYTES_PER_ELEMENT / 4;
    deinterleave(new Uint32Array(bytes), wordsOf(elements.re, offset), wordsOf(elements.im, offset), words);
  } else if (isByteFloat(dtype)) {
    widenFloats(dtype, codesOf(dtype, bytes), wordsOf(elements.values, offset));
  } else if (array.working === 'int32' && elements.kind === 'numbers') {
    elements.values.set(integersOf(dtype, bytes), offset);
  } else {
    const { buffer, BYTES_PER_ELEMENT } = elements.values;
    new Uint8Array(buffer, offset * BYTES_PER_ELEMENT).set(new Uint8Array(bytes));
  }
}

/** `count` elements from `start` on, in the form that was asked for. */
export function readBytes(array: DeviceArray, start: number, count: number, form: ReadForm): ArrayBuffer {
  const { dtype, elements } = array;
  if (elements.kind === 'complex') {
    const out = new ArrayBuffer(bytesFor(dtype, count));
    const words = elements.re.BYTES_PER_ELEMENT / 4;
    interleave(wordsOf(elements.re, start), wordsOf(elements.im, start), new Uint32Array(out), words);
    return out;
  }
  if (isByteFloat(dtype) && form === 'bytes') {
    const out = new ArrayBuffer(bytesFor(dtype, count));
    narrowFloats(dtype, wordsOf(elements.values, start), codesOf(dtype, out));
    return out;
  }
  if (array.working === 'int32' && elements.kind === 'numbers') {
    const out = new ArrayBuffer(bytesFor(dtype, count));
    integersOf(dtype, out).set(elements.values.subarray(start, start + count));
    return out;
  }
  return elements.values.slice(start, start + count).buffer as ArrayBuffer;
}

function wordsOf(
  values: { readonly buffer: ArrayBufferLike; readonly BYTES_PER_ELEMENT: number },
  offset: number,
): Uint32Array {
  return new Uint32Array(values.buffer, offset * values.BYTES_PER_ELEMENT);
}

function codesOf(dtype: DType, bytes: ArrayBuffer): Uint8Array | Uint16Array {
  return dtypeInfo(dtype).bits === 8 ? new Uint8Array(bytes) : new Uint16Array(bytes);
}

function integersOf(dtype: DType, bytes: ArrayBuffer): Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array {
  const { kind, bits } = dtypeInfo(dtype);
  if (bits === 32) return new Int32Array(bytes);
  if (kind === 'int') return bits === 8 ? new Int8Array(bytes) : new Int16Array(bytes);
  return bits === 8 ? new Uint8Array(bytes) : new Uint16Array(bytes);
}

/** `words` 32-bit words to a part: 1 in complex64, 2 in complex128. */
function deinterleave(pairs: Uint32Array, re: Uint32Array, im: Uint32Array, words: number): void {
  for (let from = 0, to = 0; from < pairs.length; from += 2 * words, to += words) {
    for (let word = 0; word < words; word++) {
      re[to + word] = pairs[from + word] ?? 0;
      im[to + word] = pairs[from + words + word] ?? 0;
    }
  }
}

function interleave(re: Uint32Array, im: Uint32Array, pairs: Uint32Array, words: number): void {
  for (let to = 0, from = 0; to < pairs.length; to += 2 * words, from += words) {
    for (let word = 0; word < words; word++) {
      pairs[to + word] = re[from + word] ?? 0;
      pairs[to + words + word] = im[from + word] ?? 0;
    }
  }
}
