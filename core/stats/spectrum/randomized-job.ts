import type { FoundValues } from './figures.ts';
import { type MatrixPlan, spans, valuesOf } from './matrix-plan.ts';
import type { SpectrumSteps } from './run-steps.ts';
import { MemoryPlan } from './shared-memory.ts';
import { TILE, TILE_STRIDE } from './steps.ts';

/** Vectors of one block. Of bases of one size, narrow blocks are the better, and wide ones read the matrix less often. */
const WIDTH = 16;
/** Blocks of either basis at least, and vectors beyond three times what is asked for: both make the last values better. */
const FEWEST_BLOCKS = 8;
const MORE = 64;
/** Elements of one piece that multiplies: about a twentieth of a second. */
const PIECE_ELEMENTS = 2 ** 22;
const NARROWEST_STRIPE = 256;
/** Of `‖A‖_F`: what rounding in float64 leaves of a direction that is not there. */
const NOTHING_NEW = 1e-14;
/** Of σ₁, for each vector of a basis: what rounding adds to the residuals. */
const ROUNDING = 2 ** -50;

export interface RandomizedLayout {
  readonly memory: MemoryPlan;
  readonly blocks: number;
  readonly width: number;
  /** The two orthonormal bases: of columns (as long as the outer axis) and of rows. */
  readonly left: number;
  readonly right: number;
  readonly product: number;
  readonly scratch: number;
  readonly coefficients: number;
  /** What the transposed products are made of; of the last, the residuals come. */
  readonly others: number;
  readonly rotation: number;
  readonly values: number;
  readonly residuals: number;
  /** A tile for each lane. */
  readonly lanes: readonly number[];
}

/** Where things lie in the shared memory: about `8 · (rows + columns) · (3 · count + 96)` bytes. */
export function layOutRandomized(plan: MatrixPlan, count: number, lanes: number): RandomizedLayout {
  const width = WIDTH;
  const most = Math.floor(valuesOf(plan) / width) - 1;
  const blocks = Math.min(most, Math.max(FEWEST_BLOCKS, Math.ceil((3 * count + MORE) / width)));
  const order = blocks * width;
  const long = Math.max(plan.outer.count, plan.inner.count);
  const memory = new MemoryPlan();
  return {
    memory,
    blocks,
    width,
    left: memory.values(plan.outer.count * order),
    right: memory.values(plan.inner.count * (order + width)),
    product: memory.values(long * width),
    scratch: memory.values(long * width + 64),
    coefficients: memory.values(order * order),
    others: memory.values((order + width) * width),
    rotation: memory.values(order * order + order),
    values: memory.values(order),
    residuals: memory.values(order),
    lanes: Array.from({ length: lanes }, () => memory.values(TILE.lines * TILE_STRIDE)),
  };
}

export interface RandomizedRun {
  readonly plan: MatrixPlan;
  readonly values: Float64Array;
  /** `‖A‖_F²`, in the scale of the computation. */
  readonly energy: number;
  readonly seed: number;
  /** Of the progress, for one pass over the matrix. */
  readonly share: number;
}

/**
 * The largest singular values by block Golub–Kahan bidiagonalization from a Gaussian start: a randomized range finder
 * (Halko, Martinsson and Tropp 2011, algorithm 4.4) that keeps what its power iterations pass through (Musco and Musco
 * 2015). Every product and every basis is in float64.
 */
export async function randomizedValues(
  steps: SpectrumSteps,
  layout: RandomizedLayout,
  run: RandomizedRun,
): Promise<FoundValues> {
  const { outer, inner } = run.plan;
  const { width, blocks } = layout;
  const order = blocks * width;
  const common = { kind: 'orthonormalize', width, product: layout.product, scratch: layout.scratch } as const;
  const least = NOTHING_NEW * Math.sqrt(run.energy);
  const left = { ...common, rows: outer.count, basis: layout.left, random: false, least, seed: 2 * run.seed };
  const right = { ...left, rows: inner.count, basis: layout.right, seed: 2 * run.seed + 1 };
  const others = { coefficients: layout.others, stride: order + width };
  await steps.run({ ...right, ...others, known: 0, random: true });
  for (let block = 0; block < blocks; block++) {
    const known = block * width;
    await multiplyAll(steps, layout, { ...run, block, kind: 'multiply' });
    const coefficients = layout.coefficients + known * order * 8;
    await steps.run({ ...left, known, coefficients, stride: order });
    await multiplyAll(steps, layout, { ...run, block, kind: 'multiply-transposed' });
    await steps.run({ ...right, ...others, known: known + width });
  }
  await steps.run({
    kind: 'rotate',
    coefficients: layout.coefficients,
    order,
    outside: layout.others + order * 8,
    stride: order + width,
    width,
    values: layout.values,
    residuals: layout.residuals,
    scratch: layout.rotation,
  });
  return readValues(run, layout);
}

type Pass = RandomizedRun & { readonly block: number; readonly kind: 'multiply' | 'multiply-transposed' };

/** One pass over the matrix: the newest block of one basis becomes the product that the other takes in. */
async function multiplyAll(steps: SpectrumSteps, layout: RandomizedLayout, pass: Pass): Promise<void> {
  const { outer, inner } = pass.plan;
  const { width, product } = layout;
  const straight = pass.kind === 'multiply';
  const start = pass.block * width * 8;
  const vectors = straight ? layout.right + inner.count * start : layout.left + outer.count * start;
  const pieces = straight ? spans(outer.count, linesOf(inner.count)) : spans(inner.count, stripeOf(outer.count));
  await steps.spread(pieces, layout.lanes, (span, tile) =>
    steps.run({ kind: pass.kind, ...span, vectors, product, width, tile }, pass.share),
  );
}

function linesOf(places: number): number {
  return TILE.lines * Math.max(1, Math.floor(PIECE_ELEMENTS / (places * TILE.lines)));
}

function stripeOf(lines: number): number {
  return Math.min(TILE.places, Math.max(NARROWEST_STRIPE, 8 * Math.floor((4 * PIECE_ELEMENTS) / (lines * 8))));
}

function readValues({ values, energy }: RandomizedRun, layout: RandomizedLayout): FoundValues {
  const order = layout.blocks * layout.width;
  const read = (address: number): Float64Array => values.subarray(address / 8, address / 8 + order);
  const residuals = read(layout.residuals);
  const found = [...read(layout.values)]
    .map((value, index) => ({ value, residual: residuals[index] ?? 0 }))
    .sort((a, b) => b.value - a.value);
  const rounding = ROUNDING * order * (found[0]?.value ?? 0);
  const tail = Math.max(0, energy - found.reduce((sum, { value }) => sum + value * value, 0));
  return {
    method: 'randomized',
    values: found.map(({ value }) => value),
    // No singular value can be further above than what the whole matrix has left.
    errors: found.map(({ value, residual }) => rounding + Math.min(residual, Math.sqrt(value * value + tail) - value)),
    energy,
  };
}
