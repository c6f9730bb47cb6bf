import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import type { SpectrumRequest } from '../../../core/stats/spectrum/spectrum.ts';
import { bytesOf, random, type Scratch } from './support.ts';

/** The matrix of a tensor of two axes. */
export const MATRIX: SpectrumRequest = { rowAxis: 0, columnAxis: 1, index: [0, 0] };

/** A matrix of float64, row by row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

export function matrixTensor(scratch: Scratch, { rows, columns, values }: Matrix): LazyTensor {
  return scratch.tensor('float64', [rows, columns], bytesOf(values));
}

export function transposed({ rows, columns, values }: Matrix): Matrix {
  const turned = new Float64Array(values.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) turned[j * rows + i] = values[i * columns + j]!;
  }
  return { rows: columns, columns: rows, values: turned };
}

function unit(length: number, next: () => number): Float64Array {
  const vector = Float64Array.from({ length }, () => next() - 0.5);
  const norm = Math.hypot(...vector);
  return vector.map((x) => x / norm);
}

/** Reflects the rows of the matrix by `1 - 2 u uᵀ`: its singular values stay. */
function reflectRows({ rows, columns, values }: Matrix, u: Float64Array): void {
  const sums = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) sums[j]! += u[i]! * values[i * columns + j]!;
  }
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) values[i * columns + j]! -= 2 * u[i]! * sums[j]!;
  }
}

/** A matrix without a structure to see whose singular values are `spectrum`: a diagonal one, reflected from both sides a few times. */
export function withSpectrum(rows: number, columns: number, spectrum: readonly number[], seed = 1): Matrix {
  const next = random(seed);
  let matrix: Matrix = { rows, columns, values: new Float64Array(rows * columns) };
  spectrum.forEach((sigma, k) => {
    matrix.values[k * columns + k] = sigma;
  });
  for (let turn = 0; turn < 4; turn++) {
    reflectRows(matrix, unit(matrix.rows, next));
    matrix = transposed(matrix);
  }
  return matrix;
}

/** exp of the entropy of `σ / Σσ`, from its definition. */
export function effectiveRank(spectrum: readonly number[]): number {
  const total = spectrum.reduce((sum, sigma) => sum + sigma, 0);
  const shares = spectrum.map((sigma) => sigma / total).filter((share) => share > 0);
  return Math.exp(-shares.reduce((sum, share) => sum + share * Math.log(share), 0));
}

/** The largest distance of two lists, in parts of the first value. */
export function farthest(found: readonly number[], wanted: readonly number[]): number {
  return Math.max(...found.map((value, k) => Math.abs(value - wanted[k]!))) / wanted[0]!;
}
