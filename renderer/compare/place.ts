/** Where the element at `index` in C order is: one index per axis. */
export function coordinatesOf(index: number, shape: readonly number[]): number[] {
  const coordinates: number[] = [];
  let rest = index;
  for (const size of shape.toReversed()) {
    coordinates.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return coordinates;
}

/** `[3, 17]`; of a scalar nothing needs to be said. */
export function formatPlace(index: number, shape: readonly number[]): string {
  return shape.length === 0 ? 'its only element' : `[${coordinatesOf(index, shape).join(', ')}]`;
}
