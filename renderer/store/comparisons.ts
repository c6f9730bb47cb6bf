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

/** `before.safetensors ↔ after.safetensors` */
export function nameOfComparison(
  { before, after }: Pick<Comparison, 'before' | 'after'>,
  documents: Readonly<Record<string, { readonly name: string }>>,
): string {
  return `${documents[before]?.name} ↔ ${documents[after]?.name}`;
}
