import { create } from 'zustand';
import type { ComparedKind, ComparisonRow, MetadataDifference } from '../contract.ts';

export const DIFFERENCE_COLUMNS = ['name', 'change', 'maxAbs', 'relL2', 'cosine', 'changed'] as const;
export type DifferenceColumn = (typeof DIFFERENCE_COLUMNS)[number];

/** How the rows of a comparison are looked at. */
export interface ComparisonView {
  readonly filter: string;
  /** Kinds of rows that are left out. */
  readonly hidden: ReadonlySet<ComparedKind>;
  readonly sort: { readonly column: DifferenceColumn; readonly descending: boolean };
  /** The key of the row whose detail is shown. */
  readonly chosen: string | null;
}

/** What still counts as equal: `|a − b| ≤ absolute + relative · |a|`; null for what is not given. */
export interface GivenTolerance {
  readonly absolute: number | null;
  readonly relative: number | null;
}

/** Two open documents and what was found between them so far. */
export interface Comparison {
  readonly id: string;
  readonly before: string;
  readonly after: string;
  readonly state: 'running' | 'done' | 'cancelled' | 'failed';
  /** Why it failed. */
  readonly problem: string | null;
  /** Of the documents as they are compared; null until it has begun. */
  readonly revisions: { readonly before: number; readonly after: number } | null;
  readonly metadata: MetadataDifference;
  readonly rows: readonly ComparisonRow[];
  /** That the rows are compared with. */
  readonly tolerance: GivenTolerance;
  /** What is found anew; it takes the place of the rows once there is all of it. */
  readonly renewal: Pick<Comparison, 'rows' | 'tolerance'> | null;
  readonly view: ComparisonView;
}

interface Comparisons {
  /** In the order of their tabs, which come after those of documents. */
  readonly order: readonly string[];
  readonly byId: Readonly<Record<string, Comparison>>;
  put(comparison: Comparison): void;
  /** Changes what is known of a comparison, unless it was closed. */
  update(id: string, change: (comparison: Comparison) => Partial<Comparison>): void;
  remove(id: string): void;
}

export const useComparisons = create<Comparisons>()((set) => ({
  order: [],
  byId: {},
  put: (comparison) =>
    set(({ order, byId }) => ({
      order: comparison.id in byId ? order : [...order, comparison.id],
      byId: { ...byId, [comparison.id]: comparison },
    })),
  update: (id, change) =>
    set(({ byId }) => {
      const known = byId[id];
      return known ? { byId: { ...byId, [id]: { ...known, ...change(known) } } } : {};
    }),
  remove: (id) =>
    set(({ order, byId }) => {
      const { [id]: _, ...rest } = byId;
      return { order: order.filter((other) => other !== id), byId: rest };
    }),
}));

export function updateView(id: string, change: Partial<ComparisonView>): void {
  useComparisons.getState().update(id, ({ view }) => ({ view: { ...view, ...change } }));
}

/** The tolerance that was asked for last, whether the rows are compared with it yet or not. */
export function toleranceOf({ tolerance, renewal }: Comparison): GivenTolerance {
  return renewal?.tolerance ?? tolerance;
}

/** `before.safetensors ↔ after.safetensors` */
export function nameOfComparison(
  { before, after }: Pick<Comparison, 'before' | 'after'>,
  documents: Readonly<Record<string, { readonly name: string }>>,
): string {
  return `${documents[before]?.name} ↔ ${documents[after]?.name}`;
}
