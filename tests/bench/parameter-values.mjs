/** What both sides of the Parameter benchmark compute with. */

/** Elements at the end of each result that are compared. */
export const SAMPLE = 1024;

export const GRADIENT_FILL = 3;

/** What a cast to integers truncates. */
export const WEIGHT = -2.75;

/** `count` values from element `first` on: neither whole nor all alike, of both signs. */
export function valuesFrom(first, count) {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = ((first + i) % 997) * 0.25 - 100;
  return values;
}
