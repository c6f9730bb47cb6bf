import { InvalidArgumentError } from '../../errors.ts';
import { swapBytes } from '../unpack/swap-bytes.ts';
import { FIXED_BYTES, VALUE_TYPES, type ValueType } from './value-types.ts';

/** The bytes of a value of a big-endian file as a little-endian one has them. The value was read, so that it is whole. */
export function turnValue(bytes: Uint8Array, type: ValueType): Uint8Array {
  const turned = Uint8Array.from(bytes);
  turnAt(turned, 0, type);
  return turned;
}

/** Turns one value in place and returns where it ends. */
function turnAt(bytes: Uint8Array, at: number, type: ValueType): number {
  if (type === 'string') return at + 8 + turnNumber(bytes, at, 8);
  if (type !== 'array') {
    turnNumber(bytes, at, FIXED_BYTES[type]);
    return at + FIXED_BYTES[type];
  }
  const number = turnNumber(bytes, at, 4);
  const elements = VALUE_TYPES[number];
  if (!elements) throw new InvalidArgumentError(`There are no arrays of type ${number}.`);
  const count = turnNumber(bytes, at + 4, 8);
  let end = at + 12;
  if (elements !== 'string' && elements !== 'array') {
    const stop = end + count * FIXED_BYTES[elements];
    if (FIXED_BYTES[elements] > 1) swapBytes(bytes.subarray(end, stop), FIXED_BYTES[elements]);
    return stop;
  }
  for (let i = 0; i < count; i++) end = turnAt(bytes, end, elements);
  return end;
}

/** Turns a number in place; its value is read as that of a length, a count or a type. */
function turnNumber(bytes: Uint8Array, at: number, size: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
  const value = size === 8 ? Number(view.getBigUint64(0)) : size === 4 ? view.getUint32(0) : 0;
  bytes.subarray(at, at + size).reverse();
  return value;
}
