export interface Numbered<T> {
  /** From 0; the identity of an item whose place in its list never changes. */
  readonly place: number;
  readonly item: T;
}

/** The items of a list that only grows or is replaced, with their places as their keys. */
export function numbered<T>(items: readonly T[]): readonly Numbered<T>[] {
  return items.map((item, place) => ({ place, item }));
}
