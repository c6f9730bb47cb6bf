import { dtypeInfo } from '../../ndarray/dtype.ts';
import { formatShape } from '../../ndarray/shape.ts';
import type { Entry } from '../checkpoint.ts';

/** Above this the reference's 64-bit arithmetic overflows. */
const OVERFLOW = 2 ** 64;

export interface Placement {
  readonly entries: readonly Entry[];
  readonly dataStart: number;
  readonly fileSize: number;
}

/** Reports a rule that an entry (by index) breaks, or the file at one of its bytes; never returns. */
export type FailAt = (problem: string, at: { readonly entry: number } | { readonly offset: number }) => never;

/**
 * Checks that dtype, shape and byte range of every tensor agree, and that the ranges follow each
 * other from the first byte of the data to the last of the file without holes or overlaps. Returns
 * the entries' indices in the order of their data.
 */
export function checkPlacement(placement: Placement, fail: FailAt): Uint32Array {
  const { entries, dataStart, fileSize } = placement;
  entries.forEach((entry, index) => {
    const problem = sizeProblem(entry);
    if (problem !== null) fail(`tensor ${JSON.stringify(entry.name)}: ${problem}`, { entry: index });
  });
  const order = orderOfData(entries);
  let end = dataStart;
  let previous = -1;
  for (const index of order) {
    const entry = entries[index];
    if (entry && entry.offset !== end) fail(gapOrOverlap(placement, { index, previous }), { entry: index });
    end += entry?.nbytes ?? 0;
    previous = index;
  }
  if (end > fileSize) fail(beyondTheEnd(placement), { offset: fileSize });
  if (end < fileSize) fail(trailingBytes(placement, end), { offset: end });
  return order;
}

function sizeProblem({ dtype, shape, nbytes }: Entry): string | null {
  if (nbytes < 0) return 'data_offsets end before they begin';
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (count >= OVERFLOW) return `the number of elements of ${formatShape(shape)} overflows 64-bit arithmetic`;
  }
  const bits = count * dtypeInfo(dtype).bits;
  if (bits >= OVERFLOW) return `the size of ${formatShape(shape)} of ${dtype} overflows 64-bit arithmetic`;
  if (bits % 8 !== 0) return `${formatShape(shape)} of ${dtype} does not fill whole bytes`;
  if (bits / 8 === nbytes) return null;
  return `${formatShape(shape)} of ${dtype} takes ${bits / 8} bytes, but data_offsets span ${nbytes}`;
}

/** By begin, then by end, as the reference sorts; empty tensors may share a place with a full one. */
function orderOfData(entries: readonly Entry[]): Uint32Array {
  const order = new Uint32Array(entries.length).map((_, index) => index);
  const compare = (a: number, b: number): number => {
    const [left, right] = [entries[a], entries[b]];
    if (!left || !right) return 0;
    return left.offset - right.offset || left.nbytes - right.nbytes || a - b;
  };
  const sorted = order.every((_, index) => index === 0 || compare(index - 1, index) < 0);
  return sorted ? order : order.sort(compare);
}

function gapOrOverlap({ entries, dataStart }: Placement, at: { index: number; previous: number }): string {
  const entry = entries[at.index];
  const before = entries[at.previous];
  const begin = (entry?.offset ?? 0) - dataStart;
  const end = before ? before.offset + before.nbytes - dataStart : 0;
  const what = `tensor ${JSON.stringify(entry?.name)} begins at byte ${begin} of the data`;
  if (!before) return `${what}, which leaves a hole of ${begin} bytes before it`;
  const other = `tensor ${JSON.stringify(before.name)} ends at byte ${end}`;
  return begin > end
    ? `${what}, but ${other}: a hole of ${begin - end} bytes lies between them`
    : `${what}, but ${other}: they overlap by ${end - begin} bytes`;
}

function beyondTheEnd({ entries, dataStart, fileSize }: Placement): string {
  const available = fileSize - dataStart;
  let total = 0;
  let cut: Entry | null = null;
  for (const entry of entries) {
    const end = entry.offset + entry.nbytes;
    total = Math.max(total, end - dataStart);
    if (end > fileSize && (cut === null || entry.offset < cut.offset)) cut = entry;
  }
  const verb = cut !== null && cut.offset >= fileSize ? 'lies' : 'reaches';
  return (
    `the file is cut short: its tensors take ${total} bytes of data, but only ${available} are there, ` +
    `and tensor ${JSON.stringify(cut?.name)} ${verb} beyond the end`
  );
}

function trailingBytes({ entries, dataStart, fileSize }: Placement, end: number): string {
  const extra = fileSize - end;
  return entries.length === 0
    ? `the header lists no tensors, but ${extra} bytes of data follow it`
    : `${extra} bytes follow the last tensor, which ends at byte ${end - dataStart} of the data; none may`;
}
