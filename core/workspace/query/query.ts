import type { Shape } from '../../ndarray/shape.ts';
import type { ScalarStats } from '../scan/scalar-stats.ts';
import type { FieldName } from './fields.ts';

/** What tensors are looked for: all terms must be met. Plain data; an empty query is met by every tensor. */
export interface Query {
  readonly terms: readonly Term[];
  /** True where at least one term asks for what only the elements tell. */
  readonly needsStatistics: boolean;
}

export type Term = { readonly negated: boolean } & (
  | NameTerm
  | { readonly kind: 'dtype'; readonly dtypes: readonly string[] }
  | { readonly kind: 'shape'; readonly shapes: readonly ShapePattern[] }
  | {
      readonly kind: 'comparison';
      readonly field: FieldName;
      readonly operator: Operator;
      /** One; of `=` and `!=` several, of which any, or none, is to be met. NaN stands for "has no value". */
      readonly values: readonly number[];
    }
);

export type NameTerm =
  /** A part of the name, in any case. */
  | { readonly kind: 'text'; readonly text: string }
  /** A word with `*` or `?` for the whole name, in any case. */
  | { readonly kind: 'wildcard'; readonly glob: string }
  /** Whole names as the edits' globs have them, in this case; a literal one is not a glob, whatever it holds. */
  | { readonly kind: 'name'; readonly names: readonly NamePattern[] }
  | PatternTerm;

/** A JavaScript regular expression that is found somewhere in the name. */
export interface PatternTerm {
  readonly kind: 'pattern';
  readonly source: string;
  readonly ignoreCase: boolean;
}

export interface NamePattern {
  readonly text: string;
  readonly literal: boolean;
}

/** One size that some axis has, or a size per axis, null for any. */
export type ShapePattern = { readonly axis: number } | { readonly axes: readonly (number | null)[] };

export const OPERATORS = ['>=', '<=', '!=', '>', '<', '='] as const;
export type Operator = (typeof OPERATORS)[number];

/** What a query is held against. */
export interface TensorFacts {
  readonly name: string;
  readonly dtype: string;
  readonly shape: Shape;
  /** In storage, in that dtype. */
  readonly bytes: number;
  /** Null where they were not computed; only queries that need none can then be answered. */
  readonly statistics: ScalarStats | null;
}
