import type { ArrayDistance } from '../array-statistics.ts';
import type { DeviceArray } from './device-array.ts';
import { realsOf } from './operators/results.ts';

/** Of two arrays of one shape and dtype, in float64. */
export function distance(first: DeviceArray, second: DeviceArray): ArrayDistance {
  const [{ elements: a }, { elements: b }] = [first, second];
  if (a.kind === 'complex' && b.kind === 'complex') return joined(ofNumbers(a.re, b.re), ofNumbers(a.im, b.im));
  if (a.kind === 'bigints' && b.kind === 'bigints') return ofBigInts(a.values, b.values);
  return ofNumbers(realsOf(first), realsOf(second));
}

function joined(a: ArrayDistance, b: ArrayDistance): ArrayDistance {
  return { l2: Math.hypot(a.l2, b.l2), max: Math.max(a.max, b.max) };
}

function ofNumbers(a: ArrayLike<number>, b: ArrayLike<number>): ArrayDistance {
  let [squares, max] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const apart = Math.abs((a[i] ?? 0) - (b[i] ?? 0));
    squares += apart * apart;
    if (!(apart <= max)) max = apart;
  }
  return { l2: Math.sqrt(squares), max: Number.isNaN(squares) ? Number.NaN : max };
}

function ofBigInts(a: ArrayLike<bigint>, b: ArrayLike<bigint>): ArrayDistance {
  let [squares, max] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const apart = Math.abs(Number((a[i] ?? 0n) - (b[i] ?? 0n)));
    squares += apart * apart;
    max = Math.max(max, apart);
  }
  return { l2: Math.sqrt(squares), max };
}
