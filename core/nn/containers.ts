/** Whether a list, a map or a plain object, or one within it, holds an item of which `wanted` is true. */
export function containerHolds(
  container: unknown,
  wanted: (item: unknown) => boolean,
  seen: Set<unknown> = new Set(),
): boolean {
  if (seen.has(container)) return false;
  seen.add(container);
  return itemsOf(container).some((item) => wanted(item) || containerHolds(item, wanted, seen));
}

function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value.values()];
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? Object.values(value) : [];
}
