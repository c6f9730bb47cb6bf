import { type AbsorbStep, rowsAtOnce } from '../../spectrum/steps.ts';
import type { SpectrumWork } from './tiles.ts';

/** Where the rows of a triangle are made ready. */
interface Rows {
  readonly order: number;
  readonly block: number;
  readonly tile: number;
  readonly work: number;
}

/**
 * QR of a tall matrix, block by block (Golub, Plemmons and Sameh 1988): only the triangle of what was read so far is
 * kept. Of a matrix with more places than lines it is the transpose.
 */
export function absorb(work: SpectrumWork, step: AbsorbStep): void {
  const { outer, inner } = work.plan;
  const order = Math.min(outer.count, inner.count);
  const atOnce = rowsAtOnce(order);
  const block = step.scratch;
  const rows: Rows = { order, block, tile: block + atOnce * order * 8, work: block + 2 * atOnce * order * 8 };
  const { f64, kernels } = work.algebra;
  const to = step.to / 8;
  if (step.from === null) f64.fill(0, to, to + order * order);
  else f64.copyWithin(to, step.from / 8, step.from / 8 + order * order);
  for (let start = step.start; start < step.stop; start += atOnce) {
    const count = Math.min(atOnce, step.stop - start);
    loadRows(work, rows, { start, count });
    kernels.absorbRows(step.to, order, block, order * 8, count, rows.work);
    work.breathe();
  }
}

function loadRows(
  work: SpectrumWork,
  { order, block, tile }: Rows,
  { start, count }: { readonly start: number; readonly count: number },
): void {
  if (work.plan.outer.count >= work.plan.inner.count) {
    work.load({ line: start, lines: count, start: 0, count: order }, { at: block, stride: order });
    return;
  }
  work.load({ line: 0, lines: order, start, count }, { at: tile, stride: count });
  work.algebra.kernels.transpose(tile, count * 8, order, count, block, order * 8);
}
