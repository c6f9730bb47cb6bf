import { addChange, addNaN, addPair } from './compare-record';

/**
 * Runs of 64-bit integers beside one another and beside float64, exactly: pairs differ where their numbers do, however
 * large, and a distance is the true one, rounded (beside floats with fractions or beyond 64 bits, rounded twice).
 */
const TWO_TO_63: f64 = 9.223372036854775808e18;
const TWO_TO_64: f64 = 1.8446744073709551616e19;

/** |i − u| where the two cannot be subtracted in either's type. */
function fromUnsigned(i: i64, u: u64): f64 {
  if (i >= 0) return <f64>(<u64>i > u ? <u64>i - u : u - <u64>i);
  const sum = u - <u64>i;
  return sum < u ? <f64>sum + TWO_TO_64 : <f64>sum;
}

/** |i − f| where f has no fraction and is beyond the type of i: a difference in float64 may round to 0 there. */
function fromBeyond<I>(i: I, f: f64): f64 {
  if (isSigned<I>()) {
    if (f >= TWO_TO_63 && f < TWO_TO_64) return fromUnsigned(<i64>i, <u64>f);
  } else if (f == TWO_TO_64) return i == 0 ? TWO_TO_64 : <f64>(<u64>0 - <u64>i);
  return abs(<f64>i - f);
}

/** |i − f| of an integer and a float that is no NaN; 0 only where they are equal. */
function fromFloat<I>(i: I, f: f64): f64 {
  const isWithin = isSigned<I>() ? f >= -TWO_TO_63 && f < TWO_TO_63 : f > -1 && f < TWO_TO_64;
  if (!isWithin) return fromBeyond<I>(i, f);
  const whole = trunc(f);
  const rest = f - whole;
  const j = <I>whole;
  return i >= j ? abs(<f64>(<u64>i - <u64>j) - rest) : <f64>(<u64>j - <u64>i) + rest;
}

function distance<A, B>(x: A, y: B): f64 {
  if (isFloat<A>()) return fromFloat<B>(y, <f64>x);
  if (isFloat<B>()) return fromFloat<A>(x, <f64>y);
  if (isSigned<A>() == isSigned<B>()) return <f64>(<B>x > y ? <u64>x - <u64>y : <u64>y - <u64>x);
  return isSigned<A>() ? fromUnsigned(<i64>x, <u64>y) : fromUnsigned(<i64>y, <u64>x);
}

function compare<A, B>(a: usize, b: usize, n: usize, record: usize, base: f64): void {
  for (let i: usize = 0; i < n; i++) {
    const x = load<A>(a + (i << 3));
    const y = load<B>(b + (i << 3));
    const index = base + <f64>i;
    if (x != x || y != y) {
      addNaN(record, index, x != x, y != y);
      continue;
    }
    const away = distance<A, B>(x, y);
    if (away != 0) addChange(record, index);
    const left = <f64>x;
    const right = <f64>y;
    addPair(record, index, away, abs(left), left * left, right * right, left * right);
  }
}

export function compareI64(a: usize, b: usize, n: usize, record: usize, base: f64): void {
  compare<i64, i64>(a, b, n, record, base);
}

export function compareU64(a: usize, b: usize, n: usize, record: usize, base: f64): void {
  compare<u64, u64>(a, b, n, record, base);
}

export function compareI64U64(a: usize, b: usize, n: usize, record: usize, base: f64): void {
  compare<i64, u64>(a, b, n, record, base);
}

export function compareU64I64(a: usize, b: usize, n: usize, record: usize, base: f64): void {
  compare<u64, i64>(a, b, n, record, base);
}

export function compareI64F64(a: usize, b: usize, n: usize, record: usize, base: f64): void {
  compare<i64, f64>(a, b, n, record, base);
}

export function compareF64I64(a: usize, b: usize, n: usize, record: usize, base: f64): void {
  compare<f64, i64>(a, b, n, record, base);
}

export function compareU64F64(a: usize, b: usize, n: usize, record: usize, base: f64): void {
  compare<u64, f64>(a, b, n, record, base);
}

export function compareF64U64(a: usize, b: usize, n: usize, record: usize, base: f64): void {
  compare<f64, u64>(a, b, n, record, base);
}
