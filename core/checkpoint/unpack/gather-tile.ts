import { stridesOf } from '../../ndarray/shape.ts';
import { type CopyAxis, copyElements } from './copy-elements.ts';
import type { RandomBytes } from './decoder.ts';
import type { Axis, Tile } from './tiles.ts';

/** Below this many bytes it is cheaper to read what lies between than to read again. */
const SMALL_SPAN = 16 * 1024;
/** How many bytes may be read for one element that is wanted. */
const MAX_BYTES_PER_ELEMENT = 256;
/** The most that is read at once. */
const MAX_SPAN = 8 * 1024 * 1024;

export interface TileSource {
  readonly axes: readonly Axis[];
  readonly tile: Tile;
  readonly itemsize: number;
  /** Bytes before the first element of all. */
  readonly start: number;
}

/** Fills `out` with the elements of a tile in C order, reading dense boxes in one go and sparse ones in halves. */
export function gatherTile(bytes: RandomBytes, { axes, tile, itemsize, start }: TileSource, out: Uint8Array): void {
  const strides = stridesOf(tile.counts);
  let [address, to] = [start, 0];
  const copied = axes.map(({ source }, k): CopyAxis => {
    const count = tile.counts[k] ?? 1;
    const target = (strides[k] ?? 1) * itemsize;
    address += (tile.starts[k] ?? 0) * source;
    if (source >= 0) return { count, source, target };
    // Read forwards what runs backwards.
    address += (count - 1) * source;
    to += (count - 1) * target;
    return { count, source: -source, target: -target };
  });
  gather({ bytes, itemsize, out }, copied, { address, to });
}

interface Gathering {
  readonly bytes: RandomBytes;
  readonly itemsize: number;
  readonly out: Uint8Array;
}

interface Place {
  /** Of the first element among the stored bytes. */
  readonly address: number;
  /** Of the first element in the tile. */
  readonly to: number;
}

function gather(gathering: Gathering, axes: readonly CopyAxis[], { address, to }: Place): void {
  const { bytes, itemsize, out } = gathering;
  let [span, wanted] = [itemsize, 1];
  for (const { count, source } of axes) {
    span += (count - 1) * source;
    if (source > 0) wanted *= count;
  }
  if (span <= SMALL_SPAN || (span <= MAX_SPAN && span <= MAX_BYTES_PER_ELEMENT * wanted)) {
    const read = new Uint8Array(span);
    bytes.read(address, read);
    copyElements({ read, out, itemsize }, axes, to);
    return;
  }
  const split = widest(axes);
  const axis = axes[split];
  if (!axis) return;
  const half = Math.floor(axis.count / 2);
  gather(gathering, axes.with(split, { ...axis, count: half }), { address, to });
  gather(gathering, axes.with(split, { ...axis, count: axis.count - half }), {
    address: address + half * axis.source,
    to: to + half * axis.target,
  });
}

/** The axis whose first and last index lie farthest apart. */
function widest(axes: readonly CopyAxis[]): number {
  let [best, extent] = [0, -1];
  for (const [k, { count, source }] of axes.entries()) {
    if ((count - 1) * source <= extent) continue;
    extent = (count - 1) * source;
    best = k;
  }
  return best;
}
