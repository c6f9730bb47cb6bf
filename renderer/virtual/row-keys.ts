interface Reach {
  /** -1 where no row is chosen. */
  readonly active: number;
  /** Rows that a page moves by. */
  readonly page: number;
  readonly last: number;
}

/** The row that a key leads to in a list of rows, which may lie beyond its ends; null for other keys. */
export function rowOfKey(key: string, { active, page, last }: Reach): number | null {
  switch (key) {
    case 'ArrowDown':
      return active + 1;
    case 'ArrowUp':
      return active - 1;
    case 'PageDown':
      return active + page;
    case 'PageUp':
      return active - page;
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}
