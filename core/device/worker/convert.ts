import { isByteFloat, roundFloats } from '../../ndarray/codec/float-codec.ts';
import { type DType, dtypeInfo } from '../../ndarray/dtype.ts';
import { type BigInts, type DeviceArray, type Elements, type Numbers, partsOf } from './device-array.ts';
import { bigIntToNumber, oddFloat32Bits, oddNumber } from './rounding.ts';

type ReadNumber = (index: number) => number;

/**
 * Writes all elements of `source` into `target` from element `offset` on, by the rules of an edit's
 * cast step: one rounding to nearest even; float to integer truncates and saturates, NaN gives 0; to
 * bool is `!= 0`; complex to real takes the real part. Equal dtypes keep their bits.
 */
export function convert(source: DeviceArray, target: DeviceArray, offset = 0): void {
  if (source.dtype === target.dtype) copyBits(source.elements, target.elements, offset);
  else if (source.elements.kind === 'complex' && target.elements.kind === 'complex') {
    target.elements.re.set(source.elements.re, offset);
    target.elements.im.set(source.elements.im, offset);
  } else if (source.elements.kind === 'bigints' && target.elements.kind === 'bigints') {
    saturateBigInts(source.elements.values, target, target.elements.values.subarray(offset));
  } else if (isExactInFloat32(source) && target.working === 'float32' && target.elements.kind === 'numbers') {
    const values = target.elements.values.subarray(offset, offset + source.size);
    values.set(source.elements.values);
    if (isByteFloat(target.dtype))
      roundFloats(target.dtype, new Uint32Array(values.buffer, values.byteOffset, values.length));
  } else {
    writeNumbers(target, { offset, count: source.size }, numberReader(source, target));
  }
}

/** Writes `read(0)`, `read(1)`, … rounded to the target's dtype. Complex targets get imaginary parts of 0. */
export function writeNumbers(
  target: DeviceArray,
  range: { readonly offset: number; readonly count: number },
  read: ReadNumber,
): void {
  const { elements, dtype } = target;
  const { offset, count } = range;
  if (elements.kind === 'complex') {
    writeFloats(elements.re, range, read);
    elements.im.fill(0, offset, offset + count);
  } else if (elements.kind === 'bigints') {
    const bounds = integerBounds(dtype);
    for (let i = 0; i < count; i++) elements.values[offset + i] = saturatedBigInt(read(i), bounds);
  } else if (isByteFloat(dtype)) {
    const bits = new Uint32Array(elements.values.buffer, offset * 4, count);
    for (let i = 0; i < count; i++) bits[i] = oddFloat32Bits(read(i));
    roundFloats(dtype, bits);
  } else if (dtype === 'bool') {
    for (let i = 0; i < count; i++) elements.values[offset + i] = read(i) === 0 ? 0 : 1;
  } else if (dtypeInfo(dtype).kind === 'float') {
    writeFloats(elements.values, range, read);
  } else {
    const { low, high } = integerBounds(dtype);
    for (let i = 0; i < count; i++) {
      const value = Math.trunc(read(i));
      elements.values[offset + i] = value >= low ? Math.min(value, high) : value < low ? low : 0;
    }
  }
}

function writeFloats(
  values: Numbers,
  range: { readonly offset: number; readonly count: number },
  read: ReadNumber,
): void {
  for (let i = 0; i < range.count; i++) values[range.offset + i] = read(i);
}

/** The bits of `source` into `target` from element `offset` on; both have one dtype. */
export function copyBits(source: Elements, target: Elements, offset = 0): void {
  const from = partsOf(source);
  partsOf(target).forEach((part, i) => {
    const bits = from[i];
    if (bits) new Uint8Array(part.buffer, offset * part.BYTES_PER_ELEMENT).set(new Uint8Array(bits.buffer));
  });
}

function isExactInFloat32(
  array: DeviceArray,
): array is DeviceArray & { elements: { kind: 'numbers'; values: Numbers } } {
  return (
    array.working === 'float32' || array.working === 'bool' || (array.working === 'int32' && array.dtype !== 'int32')
  );
}

/** Values as float64; 64-bit integers that have none are rounded so that the target's own rounding is the only one. */
function numberReader(source: DeviceArray, target: DeviceArray): ReadNumber {
  const { elements } = source;
  switch (elements.kind) {
    case 'numbers': {
      const { values } = elements;
      return (i) => values[i] ?? 0;
    }
    case 'bigints': {
      const { values } = elements;
      const nearest = target.dtype === 'float64' || target.dtype === 'complex128';
      const toNumber = nearest ? bigIntToNumber : oddNumber;
      return (i) => toNumber(values[i] ?? 0n);
    }
    case 'complex': {
      const { re, im } = elements;
      if (target.dtype === 'bool') return (i) => (re[i] === 0 && im[i] === 0 ? 0 : 1);
      return (i) => re[i] ?? 0;
    }
  }
}

interface IntegerBounds {
  readonly low: number;
  readonly high: number;
  readonly bigLow: bigint;
  readonly bigHigh: bigint;
}

function integerBounds(dtype: DType): IntegerBounds {
  const { kind, bits } = dtypeInfo(dtype);
  const bigLow = kind === 'int' ? -(1n << BigInt(bits - 1)) : 0n;
  const bigHigh = (1n << BigInt(kind === 'int' ? bits - 1 : bits)) - 1n;
  return { low: Number(bigLow), high: Number(bigHigh), bigLow, bigHigh };
}

function saturatedBigInt(value: number, { low, high, bigLow, bigHigh }: IntegerBounds): bigint {
  if (Number.isNaN(value)) return 0n;
  // `high` is 2^63 or 2^64 as a float64, one more than the bound itself.
  if (value >= high) return bigHigh;
  return value <= low ? bigLow : BigInt(Math.trunc(value));
}

function saturateBigInts(source: BigInts, target: DeviceArray, values: BigInts): void {
  const { bigLow, bigHigh } = integerBounds(target.dtype);
  source.forEach((value, i) => {
    if (value < bigLow) values[i] = bigLow;
    else if (value > bigHigh) values[i] = bigHigh;
    else values[i] = value;
  });
}
