import { dtypeInfo } from '../../ndarray/dtype.ts';
import { BLOCK, writeNumbers } from './convert.ts';
import type { BigInts, DeviceArray, Numbers } from './device-array.ts';
import { divideHalfEven, roundHalfEven } from './rounding.ts';
import { truthValues } from './truth.ts';

/** The L2 norm in float64; null for complex arrays. */
export function norm(array: DeviceArray): number | null {
  const { elements } = array;
  switch (elements.kind) {
    case 'complex':
      return null;
    case 'bigints': {
      let sum = 0;
      for (const value of elements.values) sum += Number(value) ** 2;
      return Math.sqrt(sum);
    }
    case 'numbers': {
      const values = array.dtype === 'bool' ? truthValues(elements.values) : elements.values;
      let sum = 0;
      for (let i = 0; i < values.length; i++) {
        const value = values[i] ?? 0;
        sum += value * value;
      }
      return Math.sqrt(sum);
    }
  }
}

/**
 * The elementwise mean of arrays of one shape and dtype into `target`: in float64, exactly for
 * 64-bit integers; integers round to nearest even (decision on P-175). One array gives its copy.
 */
export function mean(sources: readonly DeviceArray[], target: DeviceArray): void {
  const { elements } = target;
  const [first] = sources;
  if (sources.length === 1 && first) target.share(first);
  else if (elements.kind === 'bigints') meanOfBigInts(bigIntsOf(sources), elements.values);
  else if (elements.kind === 'complex') {
    meanOfNumbers(complexParts(sources, 're'), (offset, means) => elements.re.set(means, offset));
    meanOfNumbers(complexParts(sources, 'im'), (offset, means) => elements.im.set(means, offset));
  } else {
    const whole = dtypeInfo(target.dtype).kind !== 'float';
    meanOfNumbers(numbersOf(sources), (offset, means) =>
      writeNumbers(target, offset, whole ? means.map(roundHalfEven) : means),
    );
  }
}

function meanOfNumbers(sources: readonly Numbers[], write: (offset: number, means: Float64Array) => void): void {
  const size = sources[0]?.length ?? 0;
  const sums = new Float64Array(Math.min(size, BLOCK));
  for (let offset = 0; offset < size; offset += BLOCK) {
    const block = sums.subarray(0, Math.min(BLOCK, size - offset)).fill(0);
    for (const source of sources) addTo(block, source, offset);
    for (let i = 0; i < block.length; i++) block[i] = (block[i] ?? 0) / sources.length;
    write(offset, block);
  }
}

function addTo(sums: Float64Array, source: Numbers, offset: number): void {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (source[offset + i] ?? 0);
}

function meanOfBigInts(sources: readonly BigInts[], target: BigInts): void {
  const count = BigInt(sources.length);
  for (let i = 0; i < target.length; i++) {
    let sum = 0n;
    for (const source of sources) sum += source[i] ?? 0n;
    target[i] = divideHalfEven(sum, count);
  }
}

function numbersOf(sources: readonly DeviceArray[]): Numbers[] {
  return sources.flatMap(({ elements, dtype }) => {
    if (elements.kind !== 'numbers') return [];
    return [dtype === 'bool' ? truthValues(elements.values) : elements.values];
  });
}

function bigIntsOf(sources: readonly DeviceArray[]): BigInts[] {
  return sources.flatMap(({ elements }) => (elements.kind === 'bigints' ? [elements.values] : []));
}

function complexParts(sources: readonly DeviceArray[], part: 're' | 'im'): Numbers[] {
  return sources.flatMap(({ elements }) => (elements.kind === 'complex' ? [elements[part]] : []));
}
