interface Reach {
  /** -1 where no row is chosen. */
  readonly active: number;
  /** Rows that a page moves by. */
  readonly page: number;
  readonly last: number;
}

/** The row that a key leads to in a list of rows; null for other keys. */
export function rowOfKey(key: string, reach: Reach): number | null {
  const row = aimOfKey(key, reach);
  return row === null ? null : Math.min(Math.max(0, row), reach.last);
}

function aimOfKey(key: string, { active, page, last }: Reach): number | null {
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
