import type { OrthonormalizeStep } from '../../spectrum/steps.ts';
import type { SpectrumWork } from './tiles.ts';

const ROW_BYTES = 64;
/** Random directions are orthogonal after one more round; the rest is for bad luck. */
const MOST_ROUNDS = 5;
/** Of a column of length 1: what is left of less has lost its direction to rounding. */
const LOST = 1e-6;

/**
 * Block Gram–Schmidt in two rounds, the second of which makes good what rounding left of the first (Giraud and others
 * 2005). A column that brings nothing new is replaced by a random direction, which the product is not made of.
 */
export function orthonormalize(work: SpectrumWork, step: OrthonormalizeStep): void {
  const { f64, kernels } = work.algebra;
  const { rows, width, known } = step;
  const size = rows * width;
  if (step.random) kernels.gaussian(step.product, size, BigInt(step.seed), 0n);
  const block = step.basis + rows * known * 8;
  f64.copyWithin(block / 8, step.product / 8, step.product / 8 + size);
  f64.fill(0, step.coefficients / 8, step.coefficients / 8 + width * step.stride);
  let replaced = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const found = round === 0;
    project(work, step, { block, record: found });
    replaced = orthonormalizeColumns(work, step, { block, record: found, least: found ? step.least : LOST, round });
    if (!found && replaced === 0) return;
  }
}

interface Round {
  readonly block: number;
  /** Whether what is taken out counts as what the product is made of. */
  readonly record: boolean;
}

function columnOf({ coefficients, stride }: OrthonormalizeStep, j: number): number {
  return coefficients + j * stride * 8;
}

/** Takes the directions that the basis has already out of the block. */
function project(work: SpectrumWork, step: OrthonormalizeStep, { block, record }: Round): void {
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
        if (record) f64[columnOf(step, h * 8 + (k % 8)) / 8 + g * 8 + Math.floor(k / 8)] = value;
      }
      kernels.multiplyAdd(old, ROW_BYTES, 8, rows, 8, square, panel);
    }
    work.breathe();
  }
}

/** The columns of the block in turn; returns how many were replaced. */
function orthonormalizeColumns(
  work: SpectrumWork,
  step: OrthonormalizeStep,
  { block, record, least, round }: Round & { readonly least: number; readonly round: number },
): number {
  const { f64, kernels } = work.algebra;
  const { rows, width, known, scratch } = step;
  const columns = scratch + ROW_BYTES * 8;
  const place = (j: number): number => columns + j * rows * 8;
  for (let h = 0; h < width / 8; h++) kernels.columnsOfPanel(block + h * rows * ROW_BYTES, rows, place(8 * h));
  let replaced = 0;
  for (let j = 0; j < width; j++) {
    const removed = removeColumns(work, place, { j, rows });
    let length = Math.sqrt(kernels.dot(place(j), place(j), rows));
    if (record) {
      removed.forEach((value, i) => {
        setAt(f64, columnOf(step, j) + (known + i) * 8, value);
      });
    }
    if (length > least) {
      if (record) setAt(f64, columnOf(step, j) + (known + j) * 8, length);
    } else {
      replaced++;
      // Numbers that no other column of any block takes.
      const first = BigInt(known + j + 1) * 2n ** 32n + BigInt(round * rows);
      kernels.gaussian(place(j), rows, BigInt(step.seed), first);
      removeColumns(work, place, { j, rows });
      length = Math.sqrt(kernels.dot(place(j), place(j), rows));
    }
    kernels.scale(place(j), rows, 1 / length);
  }
  for (let h = 0; h < width / 8; h++) kernels.panelOfColumns(place(8 * h), rows, block + h * rows * ROW_BYTES);
  return replaced;
}

/** Takes the columns before `j` out of it, twice; returns how much of each there was. */
function removeColumns(
  { algebra: { kernels } }: SpectrumWork,
  place: (j: number) => number,
  { j, rows }: { readonly j: number; readonly rows: number },
): number[] {
  const removed = new Array<number>(j).fill(0);
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i < j; i++) {
      const part = kernels.dot(place(i), place(j), rows);
      kernels.addScaled(place(j), place(i), rows, -part);
      removed[i] = (removed[i] ?? 0) + part;
    }
  }
  return removed;
}

function setAt(f64: Float64Array, address: number, value: number): void {
  f64[address / 8] = value;
}
