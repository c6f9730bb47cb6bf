import type { PieceOf, PieceResults } from '../../messages.ts';
import { mergeSurveys, NOTHING_SEEN } from '../../spectrum/survey.ts';
import type { PieceContext } from '../context.ts';
import { ADDRESS } from '../kernel-memory.ts';
import { MatrixReader } from './matrix-reader.ts';

/** How large the values of some lines are, and where they are not finite. */
export function survey(context: PieceContext, { plan, start, stop }: PieceOf<'survey'>): PieceResults['survey'] {
  const { kernels, f64 } = context.memory;
  const at = ADDRESS.record / 8;
  let found = NOTHING_SEEN;
  const box = { line: start, lines: stop - start, start: 0, count: plan.inner.count };
  new MatrixReader(context, plan).read(box, (values, part) => {
    kernels.survey(values, part.lines * part.count, ADDRESS.record);
    const [most = 0, exponent = 0, squares = 0, nonFinite = 0, place = 0] = f64.subarray(at, at + 5);
    const element = part.line * plan.inner.count + part.start + place;
    found = mergeSurveys(found, { most, exponent, squares, nonFinite, first: nonFinite > 0 ? element : null });
  });
  return found;
}
