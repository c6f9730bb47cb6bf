import type { ComparedKind, ComparisonRow, Figure } from '../contract.ts';
import type { ComparisonView, DifferenceColumn } from '../store/comparisons.ts';
import { compareNatural } from '../tree/sort.ts';

/** Kinds of rows in the order in which they are offered, in the words of the window. */
export const KIND_LABELS: Readonly<Record<ComparedKind, string>> = {
  value: 'Values',
  dtype: 'Type',
  shape: 'Shape',
  renamed: 'Renamed',
  added: 'Added',
  removed: 'Removed',
  within: 'Within tolerance',
  same: 'Unchanged',
};

const KINDS = Object.keys(KIND_LABELS) as readonly ComparedKind[];

/** What tells a row of a comparison from the others. */
export function keyOf({ before, after }: ComparisonRow): string {
  return `${before?.id ?? ''} ${after?.id ?? ''}`;
}

/** The name that the tensor has now, or had. */
export function nameOf({ before, after }: ComparisonRow): string {
  return (after ?? before)?.name ?? '';
}

export function labelOf(row: ComparisonRow): string {
  return row.kind === 'renamed' ? `${row.before?.name} → ${row.after?.name}` : nameOf(row);
}

export function elementsOf({ before, after }: ComparisonRow): number {
  return ((after ?? before)?.shape ?? []).reduce((count, size) => count * size, 1);
}

/** How many rows there are of each kind that there is, and of those that are always offered. */
export function countsOf(
  rows: readonly ComparisonRow[],
): readonly { readonly kind: ComparedKind; readonly count: number }[] {
  const counts = new Map<ComparedKind, number>();
  for (const { kind } of rows) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return KINDS.flatMap((kind) => {
    const count = counts.get(kind) ?? 0;
    return count === 0 && kind === 'within' ? [] : [{ kind, count }];
  });
}

/** The rows to show, in order: what has no value in the sorted column comes last either way. */
export function rowsToShow(
  rows: readonly ComparisonRow[],
  { filter, hidden, sort }: Pick<ComparisonView, 'filter' | 'hidden' | 'sort'>,
): readonly ComparisonRow[] {
  const wanted = filter.trim().toLowerCase();
  const kept = rows.filter((row) => !hidden.has(row.kind) && (wanted === '' || hasName(row, wanted)));
  const sign = sort.descending ? -1 : 1;
  const compare = COMPARES[sort.column];
  return kept.sort((a, b) => compare(a, b, sign) || compareNatural(nameOf(a), nameOf(b)));
}

function hasName({ before, after }: ComparisonRow, wanted: string): boolean {
  return [before, after].some((side) => side?.name.toLowerCase().includes(wanted));
}

type Compare = (a: ComparisonRow, b: ComparisonRow, sign: 1 | -1) => number;

const COMPARES: Readonly<Record<DifferenceColumn, Compare>> = {
  name: (a, b, sign) => sign * compareNatural(nameOf(a), nameOf(b)),
  change: (a, b, sign) => sign * (KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind)),
  maxAbs: byNumber(({ diff }) => numberOf(diff?.maxAbs)),
  relL2: byNumber(({ diff }) => numberOf(diff?.relL2)),
  cosine: byNumber(({ diff }) => numberOf(diff?.cosine)),
  changed: byNumber(({ diff }) => diff?.changedCount ?? null),
};

function byNumber(of: (row: ComparisonRow) => number | null): Compare {
  return (a, b, sign) => {
    const [x, y] = [of(a), of(b)];
    if (x === y) return 0;
    if (x === null || y === null) return x === null ? 1 : -1;
    return x < y ? -sign : sign;
  };
}

function numberOf(figure: Figure | undefined): number | null {
  return figure === undefined || figure === null ? null : Number(figure);
}
