import type { Listing } from '../workspace/contract.ts';

/**
 * The listing of a document as one binary message, so that 200,000 tensors reach the page without
 * JSON: uint32 header length, a JSON header padded to 8 bytes, then the columns. The header is
 * `{count, dtypes, columns: {NAME: [byteOffset, byteLength]}}` with offsets from the message's start:
 *
 * - `ids` uint32, `bytes` float64, `dtype` uint8 (index into `dtypes`), `rank` uint8, `tied` uint8 (1 for the same elements as another): one per tensor;
 * - `dims` float64: the shapes, one after the other;
 * - `nameLengths` uint32: lengths in UTF-16 units; `names`: all names as one UTF-8 string.
 *
 * Little-endian; every column starts at a multiple of 8.
 */
export interface ListingHeader {
  readonly count: number;
  readonly dtypes: readonly string[];
  readonly columns: Readonly<
    Record<
      'ids' | 'bytes' | 'dtype' | 'rank' | 'tied' | 'dims' | 'nameLengths' | 'names',
      readonly [offset: number, length: number]
    >
  >;
}

const align = (n: number): number => Math.ceil(n / 8) * 8;

export function encodeListing(listing: Listing): Uint8Array {
  const count = listing.names.length;
  const { dtypes, indices } = palette(listing.dtypes);
  const columns: [name: keyof ListingHeader['columns'], data: Uint8Array][] = [
    ['ids', asBytes(listing.ids)],
    ['bytes', asBytes(listing.bytes)],
    ['dtype', indices],
    ['tied', listing.tied ?? new Uint8Array(count)],
    ...shapeColumns(listing.shapes),
    ['nameLengths', asBytes(lengths(listing.names))],
    ['names', new TextEncoder().encode(listing.names.join(''))],
  ];

  const placed = (base: number): { header: Uint8Array; end: number } => {
    let offset = base;
    const spans = columns.map(([name, data]) => {
      const span = [name, [offset, data.byteLength]] as const;
      offset = align(offset + data.byteLength);
      return span;
    });
    const header = new TextEncoder().encode(JSON.stringify({ count, dtypes, columns: Object.fromEntries(spans) }));
    return { header, end: offset };
  };
  // The header holds absolute offsets, whose digits depend on its own length: grow the base until it fits.
  let base = 0;
  let { header, end } = placed(base);
  while (align(4 + header.byteLength) > base) {
    base = align(4 + header.byteLength);
    ({ header, end } = placed(base));
  }

  const message = new Uint8Array(end).fill(0x20, 4, base);
  new DataView(message.buffer).setUint32(0, header.byteLength, true);
  message.set(header, 4);
  let offset = base;
  for (const [, data] of columns) {
    message.set(data, offset);
    offset = align(offset + data.byteLength);
  }
  return message;
}

function palette(names: readonly string[]): { dtypes: string[]; indices: Uint8Array } {
  const known = new Map<string, number>();
  const indices = new Uint8Array(names.length);
  for (const [i, name] of names.entries()) {
    let index = known.get(name);
    if (index === undefined) {
      index = known.size;
      known.set(name, index);
    }
    indices[i] = index;
  }
  return { dtypes: [...known.keys()], indices };
}

function shapeColumns(shapes: Listing['shapes']): [name: 'rank' | 'dims', data: Uint8Array][] {
  const rank = new Uint8Array(shapes.length);
  let total = 0;
  for (const [i, shape] of shapes.entries()) {
    rank[i] = shape.length;
    total += shape.length;
  }
  const dims = new Float64Array(total);
  let at = 0;
  for (const shape of shapes) for (const size of shape) dims[at++] = size;
  return [
    ['rank', rank],
    ['dims', asBytes(dims)],
  ];
}

function lengths(names: readonly string[]): Uint32Array {
  const result = new Uint32Array(names.length);
  for (const [i, name] of names.entries()) result[i] = name.length;
  return result;
}

function asBytes(view: Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
