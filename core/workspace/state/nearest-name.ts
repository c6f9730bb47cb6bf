/** Names further off than this are no slip of the finger. */
const MAX_DISTANCE = 3;

/**
 * The name that the user most likely meant by `wanted`: the same but for letter case, one that ends
 * with it after a dot or slash, or the nearest within three changed characters, and a third of its own;
 * null where there is none.
 */
export function nearestName(wanted: string, names: Iterable<string>): string | null {
  const folded = wanted.toLowerCase();
  const tolerated = Math.min(MAX_DISTANCE, Math.floor(wanted.length / 3));
  let best: string | null = null;
  let limit = tolerated + 1;
  for (const name of names) {
    const distance = slipDistance(folded, name.toLowerCase(), limit);
    if (distance === 0) return name;
    if (distance >= limit) continue;
    best = name;
    limit = distance;
  }
  return best;
}

function slipDistance(wanted: string, name: string, limit: number): number {
  if (name === wanted) return 0;
  if (wanted !== '' && (name.endsWith(`.${wanted}`) || name.endsWith(`/${wanted}`))) return 0.5;
  return editDistance(wanted, name, limit);
}

/** Levenshtein distance, or `limit` as soon as it is certain to reach that. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const cost = Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
      next.push(cost);
      least = Math.min(least, cost);
    }
    if (least >= limit) return limit;
    row = next;
  }
  return Math.min(limit, row[b.length] ?? limit);
}
