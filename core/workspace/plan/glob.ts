/**
 * Whether the whole of `text` matches `glob`: `*` is any run of characters, slashes and dots
 * included, `?` exactly one; every other character is itself. Takes at most length × length steps
 * whatever the pattern, unlike a translation to a regular expression.
 */
export function matchesGlob(glob: string, text: string): boolean {
  const pattern = [...glob];
  const characters = [...text];
  let p = 0;
  let star = -1;
  let resume = 0;
  for (let t = 0; t < characters.length; ) {
    if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === characters[t])) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      // The last star takes one character more, and what follows it is tried again from there.
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
