/** A word of a name: nothing that the language of queries reads otherwise. */
const PLAIN_WORD = /^[\p{L}\p{N}_.][\p{L}\p{N}_./-]*$/u;

/**
 * The words of a filter that asks for parts of names alone, in lower case: those need no host to be found. Null
 * for anything more, which the host's own parser reads.
 */
export function plainWords(text: string): readonly string[] | null {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return words.every((word) => PLAIN_WORD.test(word)) ? words.map((word) => word.toLowerCase()) : null;
}

/** Positions of the tensors in whose names all words are; `lowerNames` are the names in lower case. */
export function matchesWords(lowerNames: readonly string[], words: readonly string[]): Uint32Array {
  return positionsWhere(lowerNames.length, (position) =>
    words.every((word) => (lowerNames[position] ?? '').includes(word)),
  );
}

/** Positions of the tensors that the host found. */
export function positionsOf(ids: Uint32Array, found: ReadonlySet<number>): Uint32Array {
  return positionsWhere(ids.length, (position) => found.has(ids[position] ?? -1));
}

function positionsWhere(count: number, isMet: (position: number) => boolean): Uint32Array {
  const positions = new Uint32Array(count);
  let met = 0;
  for (let position = 0; position < count; position++) if (isMet(position)) positions[met++] = position;
  return positions.subarray(0, met);
}
