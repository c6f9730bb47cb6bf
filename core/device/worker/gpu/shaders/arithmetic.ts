/** Pieces of code that several programs share, in the language of `ElementProgram`. */

export const IS_NAN = 'fn isNotNumber(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }';

/**
 * `sumError(a, b)`: what rounding cuts off `a + b` (Knuth, TAOCP 2, 4.2.2). `withError` adds it unless the
 * sum is infinite or NaN. Where a driver simplifies it away, sums are as good as plain ones.
 */
export const TWO_SUM = `
fn sumError(a: f32, b: f32) -> f32 {
  let sum: f32 = a + b;
  let seen: f32 = sum - a;
  return (a - (sum - seen)) + (b - seen);
}
fn withError(total: f32, lost: f32) -> f32 {
  if ((bitcast<u32>(total) & 0x7fffffffu) >= 0x7f800000u) { return total; }
  return total + lost;
}`;

/** A program that stores the sum of `start` and `fetches`, to which what rounding cuts off is added at the end; `then` is done to it. */
export function sumOfFloats(start: string, fetches: readonly string[], then = ''): readonly string[] {
  const steps = fetches.map(
    (fetch) => `
  next = ${fetch};
  lost = lost + sumError(total, next);
  total = total + next;`,
  );
  return [
    TWO_SUM,
    `fn element(index: i32) -> f32 {
  var total: f32 = ${start};
  var lost: f32 = 0.0;
  var next: f32 = 0.0;${steps.join('')}
  return store(withError(total, lost) ${then});
}`,
  ];
}
