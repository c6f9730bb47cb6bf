import { InvalidStateError } from '../../errors.ts';
import { isByteFloat, roundFloats } from '../../ndarray/codec/float-codec.ts';
import { type DType, dtypeInfo } from '../../ndarray/dtype.ts';
import { type BigInts, copyBits, type DeviceArray, type Numbers } from './device-array.ts';
import { oddFloat32Bits, oddNumber } from './rounding.ts';
import { truthValues } from './truth.ts';

/** Elements that pass through float64 at a time: small enough to stay in cache. */
export const BLOCK = 16_384;

/** All elements of `source` become those of `target`, which has its shape; see `convert`. Equal dtypes share memory. */
export function take(source: DeviceArray, target: DeviceArray): void {
  if (source.dtype === target.dtype) target.share(source);
  else if (source.isZero && target.dtype !== 'float8_e8m0fnu') target.clear();
  else {
    target.discard();
    convert(source, target);
  }
}

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
  } else if (source.elements.kind === 'numbers' && (target.dtype === 'float32' || target.dtype === 'float64')) {
    numbersOf(target).set(valuesOf(source), offset);
  } else if (source.dtype === 'float32' && target.dtype === 'int32') {
    truncateFloats(numbersOf(source), numbersOf(target).subarray(offset));
  } else if (isExactInFloat32(source) && target.working === 'float32' && target.elements.kind === 'numbers') {
    const values = target.elements.values.subarray(offset, offset + source.size);
    values.set(valuesOf(source));
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    if (isByteFloat(target.dtype)) roundFloats(target.dtype, bits);
  } else {
    const numbers = new Float64Array(Math.min(source.size, BLOCK));
    for (let start = 0; start < source.size; start += BLOCK) {
      const block = numbers.subarray(0, Math.min(BLOCK, source.size - start));
      readNumbers(source, { start, target: target.dtype }, block);
      writeNumbers(target, offset + start, block);
    }
  }
}

/** Writes `numbers` from element `offset` on, rounded to the target's dtype. Complex targets get imaginary parts of 0. */
export function writeNumbers(target: DeviceArray, offset: number, numbers: Float64Array): void {
  const { elements, dtype } = target;
  if (elements.kind === 'complex') {
    elements.re.set(numbers, offset);
    elements.im.fill(0, offset, offset + numbers.length);
  } else if (elements.kind === 'bigints') {
    writeBigInts(elements.values.subarray(offset), dtype, numbers);
  } else if (isByteFloat(dtype)) {
    const bits = new Uint32Array(elements.values.buffer, offset * 4, numbers.length);
    for (let i = 0; i < numbers.length; i++) bits[i] = oddFloat32Bits(numbers[i] ?? 0);
    roundFloats(dtype, bits);
  } else if (dtypeInfo(dtype).kind === 'float') {
    elements.values.set(numbers, offset);
  } else if (dtype === 'bool') {
    for (let i = 0; i < numbers.length; i++) elements.values[offset + i] = numbers[i] === 0 ? 0 : 1;
  } else {
    writeIntegers(elements.values.subarray(offset), dtype, numbers);
  }
}

function writeIntegers(values: Numbers, dtype: DType, numbers: Float64Array): void {
  const { low, high } = integerBounds(dtype);
  for (let i = 0; i < numbers.length; i++) {
    const value = Math.trunc(numbers[i] ?? 0);
    if (value >= low) values[i] = Math.min(value, high);
    else values[i] = value < low ? low : 0;
  }
}

function writeBigInts(values: BigInts, dtype: DType, numbers: Float64Array): void {
  const bounds = integerBounds(dtype);
  for (let i = 0; i < numbers.length; i++) values[i] = saturatedBigInt(numbers[i] ?? 0, bounds);
}

const LEAST_INT32 = -(2 ** 31);
const MOST_INT32 = 2 ** 31 - 1;

/** JavaScript's own conversion wraps around where ours saturates. */
function truncateFloats(floats: Numbers, integers: Numbers): void {
  for (let i = 0; i < floats.length; i++) {
    integers[i] = Math.min(Math.max(floats[i] ?? 0, LEAST_INT32), MOST_INT32);
  }
}

function numbersOf({ elements, dtype }: DeviceArray): Numbers {
  if (elements.kind === 'numbers') return elements.values;
  throw new InvalidStateError(`Elements of ${dtype} are held as numbers.`);
}

/** The numbers that elements of `source` stand for: any byte of a bool but 0 is true. */
function valuesOf(source: DeviceArray, start = 0, stop = source.size): Numbers {
  const values = numbersOf(source).subarray(start, stop);
  return source.dtype === 'bool' ? truthValues(values) : values;
}

function isExactInFloat32(
  array: DeviceArray,
): array is DeviceArray & { elements: { kind: 'numbers'; values: Numbers } } {
  return (
    array.working === 'float32' || array.working === 'bool' || (array.working === 'int32' && array.dtype !== 'int32')
  );
}

/**
 * The elements from `start` on as float64. 64-bit integers that have none are rounded so that the
 * rounding to the dtype `target` is the only one.
 */
function readNumbers(
  source: DeviceArray,
  from: { readonly start: number; readonly target: DType },
  numbers: Float64Array,
): void {
  const { elements } = source;
  const { start, target } = from;
  const stop = start + numbers.length;
  switch (elements.kind) {
    case 'numbers':
      numbers.set(valuesOf(source, start, stop));
      return;
    case 'bigints': {
      const nearest = target === 'float64' || target === 'complex128';
      for (let i = 0; i < numbers.length; i++) {
        const value = elements.values[start + i] ?? 0n;
        numbers[i] = nearest ? Number(value) : oddNumber(value);
      }
      return;
    }
    case 'complex':
      numbers.set(elements.re.subarray(start, stop));
      if (target !== 'bool') return;
      elements.im.subarray(start, stop).forEach((im, i) => {
        if (im !== 0) numbers[i] = im;
      });
      return;
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
