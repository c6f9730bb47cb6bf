/** Names in one sentence. */
const MAX_NAMED = 8;

/** `a, b and 3 more`. */
export function listed(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  return `${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
