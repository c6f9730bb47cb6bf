import type { MatrixSlice } from '../engine.ts';

export interface SpectrumRequest extends MatrixSlice {
  /** How many values, from the largest on: all of an exact spectrum by default, 128 of a randomized one (at most 256). */
  readonly count?: number | undefined;
  /** Of the random start of a randomized spectrum; 0 by default. */
  readonly seed?: number | undefined;
}

/** The lowest and the highest that a quantity can be; equal where it is known. */
export interface Between {
  readonly low: number;
  readonly high: number;
}

/**
 * Singular values of a matrix and what follows from them. Figures are null where the matrix is all zeros or empty, and
 * where too few values were computed to tell.
 */
export interface Spectrum {
  readonly rows: number;
  readonly columns: number;
  readonly method: 'exact' | 'randomized';
  /** Descending. Of a randomized spectrum none is above the true one of its rank. */
  readonly values: readonly number[];
  /**
   * Within so much of each value there is a singular value of the matrix. Exact: `max(rows, columns) · ε · σ₁`, what
   * NumPy's matrix_rank takes for rounding. Randomized: the residual of its singular vectors, and rounding.
   */
  readonly errors: readonly number[];
  /** `‖A‖_F = √Σσ²`, of all values. */
  readonly frobenius: number;
  /** The share of `Σσ²` that `values` have. */
  readonly captured: number | null;
  /** `‖A‖_F² / σ₁²`. */
  readonly stableRank: number | null;
  /** exp of the entropy of `σ / Σσ` (Roy and Vetterli 2007); what a randomized spectrum leaves open is between its bounds. */
  readonly effectiveRank: Between | null;
  /** The fewest values with 90 % and 99 % of `Σσ²`. */
  readonly rank90: number | null;
  readonly rank99: number | null;
  /** Values above `max(rows, columns) · ε · σ₁`, ε of float64, as NumPy's matrix_rank; exact spectra only. */
  readonly numericalRank: number | null;
  /** `σ₁ / σ_min`, null where σ_min is no more than rounding; exact spectra only. */
  readonly condition: number | null;
}
