import type { AxisNorms } from './engine.ts';

/** So many lines are named one by one. */
const MOST_NAMED = 20;

/** Some lines, by their numbers: how many there are, and the first of them. */
export interface NamedLines {
  readonly count: number;
  readonly first: readonly number[];
}

export interface LineNorm {
  readonly line: number;
  readonly l2: number;
}

/** Norms of the lines of a matrix in a few words and one picture, however many there are. */
export interface NormsSummary {
  readonly lines: number;
  /** The lines of the least and of the greatest L2 norm; null where there are no lines. */
  readonly least: LineNorm | null;
  readonly greatest: LineNorm | null;
  readonly mean: number | null;
  /** Of all lines, the largest magnitude. */
  readonly maxAbs: number;
  /** Lines of nothing but zeros: what was pruned, or never learned. */
  readonly zero: NamedLines;
  /** Lines with a NaN or an infinity. */
  readonly nonFinite: NamedLines;
  /** Lines of one stretch; the last may have fewer. */
  readonly stretch: number;
  /** The least and the greatest L2 norm in each stretch. */
  readonly lows: readonly number[];
  readonly highs: readonly number[];
}

class Lines {
  count = 0;
  readonly first: number[] = [];

  add(line: number): void {
    this.count += 1;
    if (this.first.length < MOST_NAMED) this.first.push(line);
  }
}

/** `stretches`: how many pieces of a picture there are at most. */
export function summarizeNorms({ l2, maxAbs, nonFinite }: AxisNorms, stretches: number): NormsSummary {
  const stretch = Math.max(1, Math.ceil(l2.length / stretches));
  const [lows, highs]: [number[], number[]] = [[], []];
  const [zero, broken] = [new Lines(), new Lines()];
  let [least, greatest] = [0, 0];
  let [sum, most] = [0, 0];
  l2.forEach((norm, line) => {
    const place = Math.floor(line / stretch);
    lows[place] = Math.min(lows[place] ?? norm, norm);
    highs[place] = Math.max(highs[place] ?? norm, norm);
    if (norm < (l2[least] ?? 0)) least = line;
    if (norm > (l2[greatest] ?? 0)) greatest = line;
    sum += norm;
    most = Math.max(most, maxAbs[line] ?? 0);
    if ((nonFinite[line] ?? 0) > 0) broken.add(line);
    else if ((maxAbs[line] ?? 0) === 0) zero.add(line);
  });
  const norm = (line: number): LineNorm | null => (l2.length > 0 ? { line, l2: l2[line] ?? 0 } : null);
  return {
    lines: l2.length,
    least: norm(least),
    greatest: norm(greatest),
    mean: l2.length > 0 ? sum / l2.length : null,
    maxAbs: most,
    zero: { count: zero.count, first: zero.first },
    nonFinite: { count: broken.count, first: broken.first },
    stretch,
    lows,
    highs,
  };
}
