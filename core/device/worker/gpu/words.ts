import { InvalidStateError } from '../../../errors.ts';
import type { DeviceArray } from '../device-array.ts';
import { readBytes, writeBytes } from '../storage-bytes.ts';

/** Elements as a GPU's buffer holds them: 32 bits each, complex64 twice, bool as an integer. */

/** The words of all elements; they may share memory with `array`. */
export function wordsOf(array: DeviceArray): Uint32Array {
  const { elements, dtype } = array;
  if (dtype === 'complex64') return new Uint32Array(readBytes(array, 0, array.size, 'bytes'));
  if (elements.kind !== 'numbers') throw new InvalidStateError(`GPUs hold no ${dtype}.`);
  const { values } = elements;
  if (dtype === 'bool') return Uint32Array.from(values);
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

/** Replaces all elements of `array` by those of `words`. */
export function setWords(array: DeviceArray, words: Uint32Array): void {
  const { elements, dtype } = array;
  if (dtype === 'complex64') {
    writeBytes(array, 0, new Uint32Array(words).buffer);
  } else if (elements.kind === 'numbers') {
    const { values } = elements;
    if (dtype === 'bool') values.set(words);
    else new Uint32Array(values.buffer, values.byteOffset, values.length).set(words);
  } else {
    throw new InvalidStateError(`GPUs hold no ${dtype}.`);
  }
}
