/** Cells of a grid that can be told apart in memory: 32 MiB of bits. */
const MAX_CELLS = 2 ** 28;

/** The chunks that a dataset is cut into, and which of them were seen. */
export class ChunkGrid {
  readonly cells: number;
  readonly #counts: readonly number[];
  readonly #seen: Uint8Array;
  readonly #shape: readonly number[];
  readonly #chunk: readonly number[];

  /** @throws RangeError for more chunks than any real dataset has */
  constructor(shape: readonly number[], chunk: readonly number[]) {
    this.#shape = shape;
    this.#chunk = chunk;
    this.#counts = shape.map((size, axis) => Math.ceil(size / (chunk[axis] ?? 1)));
    this.cells = this.#counts.reduce((product, count) => product * count, 1);
    if (this.cells > MAX_CELLS) throw new RangeError(`${this.cells} chunks; ${MAX_CELLS} are read`);
    this.#seen = new Uint8Array(Math.ceil(this.cells / 8));
  }

  /** False where the chunk lies outside the dataset, where no chunk begins, or was seen before. */
  see(at: readonly number[]): boolean {
    let cell = 0;
    for (const [axis, start] of at.entries()) {
      const size = this.#chunk[axis] ?? 1;
      if (start % size !== 0 || start >= (this.#shape[axis] ?? 0)) return false;
      cell = cell * (this.#counts[axis] ?? 1) + start / size;
    }
    const bit = 1 << (cell & 7);
    const byte = this.#seen[cell >> 3] ?? 0;
    this.#seen[cell >> 3] = byte | bit;
    return (byte & bit) === 0;
  }

  /** Where the chunks begin that were not seen. */
  *missing(): Generator<number[]> {
    for (let cell = 0; cell < this.cells; cell++) {
      if (((this.#seen[cell >> 3] ?? 0) & (1 << (cell & 7))) !== 0) continue;
      const at = this.#counts.map(() => 0);
      let left = cell;
      for (let axis = at.length - 1; axis >= 0; axis--) {
        const count = this.#counts[axis] ?? 1;
        at[axis] = (left % count) * (this.#chunk[axis] ?? 1);
        left = Math.floor(left / count);
      }
      yield at;
    }
  }

  /** A chunk reaches over the edge of the dataset. */
  isEdge(at: readonly number[]): boolean {
    return at.some((start, axis) => start + (this.#chunk[axis] ?? 1) > (this.#shape[axis] ?? 0));
  }

  /** The runs of a chunk that lie next to each other in the dataset as well, in elements. */
  *runs(at: readonly number[]): Generator<{ readonly from: number; readonly to: number; readonly count: number }> {
    const extents = at.map((start, axis) => Math.min(this.#chunk[axis] ?? 1, (this.#shape[axis] ?? 0) - start));
    let axis = extents.length - 1;
    while (axis > 0 && extents[axis] === this.#shape[axis] && extents[axis] === this.#chunk[axis]) axis--;
    const count = extents.slice(Math.max(axis, 0)).reduce((product, extent) => product * extent, 1);
    const index = extents.map(() => 0);
    for (;;) {
      yield {
        from: flat(index, this.#chunk),
        to: flat(
          index.map((i, a) => i + (at[a] ?? 0)),
          this.#shape,
        ),
        count,
      };
      if (!step(index, extents, axis)) return;
    }
  }
}

/** The next index over the axes before `end`; false after the last. */
function step(index: number[], extents: readonly number[], end: number): boolean {
  for (let axis = end - 1; axis >= 0; axis--) {
    const next = (index[axis] ?? 0) + 1;
    index[axis] = next === extents[axis] ? 0 : next;
    if (next !== extents[axis]) return true;
  }
  return false;
}

function flat(index: readonly number[], shape: readonly number[]): number {
  let position = 0;
  for (const [axis, i] of index.entries()) position = position * (shape[axis] ?? 1) + i;
  return position;
}
