import type { Span } from '../../spectrum/matrix-plan.ts';
import { spans } from '../../spectrum/matrix-plan.ts';
import { type ProductStep, TILE, TILE_STRIDE } from '../../spectrum/steps.ts';
import type { SpectrumWork } from './tiles.ts';

const ROW_BYTES = 64;
const STRIDE_BYTES = TILE_STRIDE * 8;

/** Lines of the matrix by a block of vectors. */
export function multiply(work: SpectrumWork, step: ProductStep): void {
  const { outer, inner } = work.plan;
  clear(work, step, outer.count);
  for (const lines of spansWithin(step, TILE.lines)) {
    for (const places of spans(inner.count, TILE.places)) {
      const size = loadTile(work, step, { lines, places });
      forEachPanel(step, (panel) => {
        const vectors = step.vectors + (panel * inner.count + places.start) * ROW_BYTES;
        const out = step.product + (panel * outer.count + lines.start) * ROW_BYTES;
        work.algebra.kernels.multiplyAdd(step.tile, STRIDE_BYTES, 8, size.lines, size.places, vectors, out);
      });
    }
  }
}

/** A stripe across all lines of the matrix, turned round, by a block of vectors. */
export function multiplyTransposed(work: SpectrumWork, step: ProductStep): void {
  const { outer, inner } = work.plan;
  clear(work, step, inner.count);
  for (const places of spansWithin(step, TILE.places)) {
    for (const lines of spans(outer.count, TILE.lines)) {
      const size = loadTile(work, step, { lines, places });
      forEachPanel(step, (panel) => {
        const vectors = step.vectors + (panel * outer.count + lines.start) * ROW_BYTES;
        const out = step.product + (panel * inner.count + places.start) * ROW_BYTES;
        work.algebra.kernels.multiplyAdd(step.tile, 8, STRIDE_BYTES, size.places, size.lines, vectors, out);
      });
    }
  }
}

function spansWithin({ start, stop }: Span, size: number): Span[] {
  return spans(stop - start, size).map((span) => ({ start: start + span.start, stop: start + span.stop }));
}

function forEachPanel({ width }: ProductStep, visit: (panel: number) => void): void {
  for (let panel = 0; panel < width / 8; panel++) visit(panel);
}

/** A piece that is done again begins anew. */
function clear({ algebra }: SpectrumWork, step: ProductStep, rows: number): void {
  forEachPanel(step, (panel) => {
    const at = step.product / 8 + panel * rows * 8;
    algebra.f64.fill(0, at + step.start * 8, at + step.stop * 8);
  });
}

function loadTile(
  work: SpectrumWork,
  { tile }: ProductStep,
  { lines, places }: { readonly lines: Span; readonly places: Span },
): { readonly lines: number; readonly places: number } {
  const size = { lines: lines.stop - lines.start, places: places.stop - places.start };
  work.load(
    { line: lines.start, lines: size.lines, start: places.start, count: size.places },
    { at: tile, stride: TILE_STRIDE },
  );
  return size;
}
