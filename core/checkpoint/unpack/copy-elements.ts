export interface CopyAxis {
  readonly count: number;
  /** In bytes; not negative. */
  readonly source: number;
  /** In bytes. */
  readonly target: number;
}

export interface Copy {
  readonly read: Uint8Array;
  readonly out: Uint8Array;
  /** Bytes of one element. */
  readonly itemsize: number;
}

/** Copies a box of elements whose first lies at the start of `read` and belongs at byte `to` of `out`. */
export function copyElements({ read, out, itemsize }: Copy, axes: readonly CopyAxis[], to: number): void {
  const unit = unitOf(itemsize, axes, to);
  const scaled = axes.map(({ count, source, target }) => ({ count, source: source / unit, target: target / unit }));
  const words = { from: viewOf(read, unit), into: viewOf(out, unit), width: itemsize / unit };
  copyBox(words, scaled, { from: 0, to: to / unit });
}

type Words = Uint8Array | Uint16Array | Uint32Array;

/** The widest word that elements and steps are multiples of. */
function unitOf(itemsize: number, axes: readonly CopyAxis[], to: number): 1 | 2 | 4 {
  const all = [itemsize, to, ...axes.flatMap(({ source, target }) => [source, target])];
  if (all.every((value) => value % 4 === 0)) return 4;
  return all.every((value) => value % 2 === 0) ? 2 : 1;
}

function viewOf(bytes: Uint8Array, unit: 1 | 2 | 4): Words {
  const length = Math.floor(bytes.length / unit);
  switch (unit) {
    case 1:
      return bytes;
    case 2:
      return new Uint16Array(bytes.buffer, bytes.byteOffset, length);
    case 4:
      return new Uint32Array(bytes.buffer, bytes.byteOffset, length);
  }
}

interface WordCopy {
  readonly from: Words;
  readonly into: Words;
  /** Words of one element. */
  readonly width: number;
}

/** Recurses over the outer axes; the innermost is one loop. */
function copyBox(words: WordCopy, axes: readonly CopyAxis[], at: { readonly from: number; readonly to: number }): void {
  const [axis, ...inner] = axes;
  if (!axis) {
    copyRun(words, { count: 1, source: 0, target: 0 }, at);
  } else if (inner.length === 0) {
    copyRun(words, axis, at);
  } else {
    for (let k = 0; k < axis.count; k++) {
      copyBox(words, inner, { from: at.from + k * axis.source, to: at.to + k * axis.target });
    }
  }
}

function copyRun(
  { from, into, width }: WordCopy,
  axis: CopyAxis,
  at: { readonly from: number; readonly to: number },
): void {
  const { count, source, target } = axis;
  if (source === width && target === width) {
    into.set(from.subarray(at.from, at.from + count * width), at.to);
    return;
  }
  for (let k = 0; k < count; k++) {
    const [first, to] = [at.from + k * source, at.to + k * target];
    for (let word = 0; word < width; word++) into[to + word] = from[first + word] ?? 0;
  }
}
