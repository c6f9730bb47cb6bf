import type { OrthonormalizeStep } from '../../spectrum/steps.ts';
import type { SpectrumWork } from './tiles.ts';

const ROW_BYTES = 64;
/** Two are the rule, three where a random direction came in; the rest is for bad luck. */
const MOST_ROUNDS = 6;
/** A column of length 1 that keeps less has to go through another round: rounding weighs more in what is left. */
const KEPT = 0.5;
/** One that keeps less than this has nothing of its own left. */
const LOST = 2 ** -48;

/**
 * Block Gram–Schmidt in rounds, each of which makes good what rounding left of the last (Giraud and others 2005). A column
 * that brings nothing new is replaced by a random direction, which the product is not made of.
 */
export function orthonormalize(work: SpectrumWork, step: OrthonormalizeStep): void {
  const { f64, kernels } = work.algebra;
  const { rows, width, known } = step;
  const size = rows * width;
  if (step.random) kernels.gaussian(step.product, size, BigInt(step.seed), 0n);
  const block = step.basis + rows * known * 8;
  f64.copyWithin(block / 8, step.product / 8, step.product / 8 + size);
  let total: Coefficients | null = null;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const found = new Coefficients(known, width);
    project(work, step, { block, found });
    const shortest = orthonormalizeColumns(work, step, { block, found, round });
    total = total ? total.after(found) : found;
    if (round > 0 && shortest >= KEPT) break;
  }
  total?.write(f64, step);
}

/** What each column of a block is made of: directions that were known, then those of the block itself. */
class Coefficients {
  readonly #known: number;
  readonly #width: number;
  readonly #values: Float64Array;

  constructor(known: number, width: number) {
    this.#known = known;
    this.#width = width;
    this.#values = new Float64Array((known + width) * width);
  }

  get(row: number, column: number): number {
    return this.#values[column * (this.#known + this.#width) + row] ?? 0;
  }

  add(row: number, column: number, value: number): void {
    const at = column * (this.#known + this.#width) + row;
    this.#values[at] = (this.#values[at] ?? 0) + value;
  }

  /** Of the same columns, in the directions that the ones here were made of in turn. */
  after(next: Coefficients): Coefficients {
    const made = new Coefficients(this.#known, this.#width);
    for (let column = 0; column < this.#width; column++) {
      for (let row = 0; row < this.#known; row++) made.add(row, column, this.get(row, column));
      for (let j = 0; j < this.#width; j++) {
        const part = this.get(this.#known + j, column);
        for (let row = 0; row < this.#known + this.#width; row++) made.add(row, column, next.get(row, j) * part);
      }
    }
    return made;
  }

  write(f64: Float64Array, { coefficients, stride }: OrthonormalizeStep): void {
    const rows = this.#known + this.#width;
    for (let column = 0; column < this.#width; column++) {
      const at = coefficients / 8 + column * stride;
      f64.set(this.#values.subarray(column * rows, (column + 1) * rows), at);
      f64.fill(0, at + rows, at + stride);
    }
  }
}

interface Round {
  readonly block: number;
  readonly found: Coefficients;
}

/** Takes the directions that the basis has already out of the block. */
function project(work: SpectrumWork, step: OrthonormalizeStep, { block, found }: Round): void {
  const { f64, kernels } = work.algebra;
  const { rows, width, basis, known, scratch: square } = step;
  for (let g = 0; g < known / 8; g++) {
    const old = basis + g * rows * ROW_BYTES;
    for (let h = 0; h < width / 8; h++) {
      const panel = block + h * rows * ROW_BYTES;
      f64.fill(0, square / 8, square / 8 + 64);
      kernels.multiplyAdd(old, 8, ROW_BYTES, 8, rows, panel, square);
      for (let k = 0; k < 64; k++) {
        const value = f64[square / 8 + k] ?? 0;
        f64[square / 8 + k] = -value;
        found.add(g * 8 + Math.floor(k / 8), h * 8 + (k % 8), value);
      }
      kernels.multiplyAdd(old, ROW_BYTES, 8, rows, 8, square, panel);
    }
    work.breathe();
  }
}

/** The columns of the block in turn; returns the least length that one has left of its own. */
function orthonormalizeColumns(
  work: SpectrumWork,
  step: OrthonormalizeStep,
  { block, found, round }: Round & { readonly round: number },
): number {
  const { kernels } = work.algebra;
  const { rows, width, known, scratch, seed } = step;
  const least = round === 0 ? step.least : LOST;
  const columns = scratch + ROW_BYTES * 8;
  const place = (j: number): number => columns + j * rows * 8;
  const lengthOf = (j: number): number => Math.sqrt(kernels.dot(place(j), place(j), rows));
  let shortest = Number.POSITIVE_INFINITY;
  for (let h = 0; h < width / 8; h++) kernels.columnsOfPanel(block + h * rows * ROW_BYTES, rows, place(8 * h));
  for (let j = 0; j < width; j++) {
    for (let i = 0; i < j; i++) {
      const part = kernels.dot(place(i), place(j), rows);
      kernels.addScaled(place(j), place(i), rows, -part);
      found.add(known + i, j, part);
    }
    const length = lengthOf(j);
    if (length > least) {
      found.add(known + j, j, length);
      shortest = Math.min(shortest, length);
    } else {
      // Numbers that no other column of any block takes.
      kernels.gaussian(place(j), rows, BigInt(seed), BigInt(known + j + 1) * 2n ** 32n + BigInt(round * rows));
      shortest = 0;
    }
    kernels.scale(place(j), rows, 1 / (length > least ? length : lengthOf(j)));
  }
  for (let h = 0; h < width / 8; h++) kernels.panelOfColumns(place(8 * h), rows, block + h * rows * ROW_BYTES);
  return shortest;
}
