import type { DType } from '../../ndarray/dtype.ts';
import { dtypeInfo } from '../../ndarray/dtype.ts';
import { elementCount } from '../../ndarray/shape.ts';
import { swapSize } from '../unpack/stored-bytes.ts';
import type { Datatype } from './datatype.ts';
import { type NumberType, numberType } from './element-type.ts';

/** How one element of a dataset gives numbers: all of it, or one field of its records. */
export interface ElementStorage extends NumberType {
  /** Bytes of the dataset's element as it is stored. */
  readonly size: number;
  /** Where the numbers begin in it, and their bytes. */
  readonly start: number;
  readonly nbytes: number;
  /** Bytes that are reversed as a group; 1 where nothing is. */
  readonly swap: number;
}

/** `field` is a member of a record; undefined where what is asked for is no number. */
export function elementStorage(type: Datatype, field: string | null): ElementStorage | undefined {
  if (field === null) return storageOf(numberType(type), { size: type.size, start: 0, nbytes: type.size });
  if (type.kind !== 'compound') return undefined;
  const member = type.members.find(({ name }) => name === field);
  return (
    member && storageOf(numberType(member.type), { size: type.size, start: member.offset, nbytes: member.type.size })
  );
}

function storageOf(
  numbers: NumberType | undefined,
  place: { readonly size: number; readonly start: number; readonly nbytes: number },
): ElementStorage | undefined {
  if (!numbers || place.nbytes !== itemsize(numbers.dtype) * elementCount(numbers.inner)) return undefined;
  return { ...numbers, ...place, swap: numbers.bigEndian ? swapSize(numbers.dtype) : 1 };
}

function itemsize(dtype: DType): number {
  return dtypeInfo(dtype).bits / 8;
}

/** The elements that hold `numbers`: the inverse of `numbersOf` where an element is nothing but its numbers. */
export function elementsOf(numbers: Buffer, { swap }: ElementStorage): Buffer {
  return swap === 1 ? numbers : swapped(Buffer.from(numbers), swap);
}

/** The bytes of each group of `width` the other way round, in place. */
export function swapped(bytes: Buffer, width: number): Buffer {
  if (width === 2) bytes.swap16();
  if (width === 4) bytes.swap32();
  if (width === 8) bytes.swap64();
  return bytes;
}

/** The numbers of whole elements, end to end and little-endian; the bytes themselves where they are that already. */
export function numbersOf(elements: Buffer, { size, start, nbytes, swap }: ElementStorage): Buffer {
  if (size === nbytes && swap === 1) return elements;
  const count = Math.floor(elements.length / size);
  const result = Buffer.allocUnsafeSlow(count * nbytes);
  for (let i = 0; i < count; i++) elements.copy(result, i * nbytes, i * size + start, i * size + start + nbytes);
  return swapped(result, swap);
}
