import type { ListingHeader } from '../contract.ts';

/** The columns of all tensors of a document, in document order. */
export interface Listing {
  readonly count: number;
  readonly ids: Uint32Array;
  readonly names: readonly string[];
  /** Index into `dtypeNames`, one per tensor. */
  readonly dtypes: Uint8Array;
  readonly dtypeNames: readonly string[];
  readonly bytes: Float64Array;
  /** 1 for tensors that are the same elements as another. */
  readonly tied: Uint8Array;
  /** Sizes of tensor `i`: `dims[firstDim[i]] … dims[firstDim[i + 1] - 1]`. */
  readonly dims: Float64Array;
  readonly firstDim: Uint32Array;
}

type ColumnName = keyof ListingHeader['columns'];

export const EMPTY_LISTING: Listing = {
  count: 0,
  ids: new Uint32Array(),
  names: [],
  dtypes: new Uint8Array(),
  dtypeNames: [],
  bytes: new Float64Array(),
  tied: new Uint8Array(),
  dims: new Float64Array(),
  firstDim: new Uint32Array(1),
};

/** Decodes the message that `core/api/listing-codec.ts` describes; columns stay views of the message. */
export function decodeListing(message: ArrayBuffer): Listing {
  const view = new DataView(message);
  const headerBytes = new Uint8Array(message, 4, view.getUint32(0, true));
  const header = JSON.parse(new TextDecoder().decode(headerBytes)) as ListingHeader;
  const span = (name: ColumnName): readonly [number, number] => header.columns[name];
  const bytesOf = (name: ColumnName): Uint8Array => new Uint8Array(message, ...span(name));
  const uint32 = (name: ColumnName): Uint32Array => new Uint32Array(message, span(name)[0], span(name)[1] / 4);
  const float64 = (name: ColumnName): Float64Array => new Float64Array(message, span(name)[0], span(name)[1] / 8);

  const rank = bytesOf('rank');
  const firstDim = new Uint32Array(header.count + 1);
  for (let i = 0; i < header.count; i++) firstDim[i + 1] = (firstDim[i] ?? 0) + (rank[i] ?? 0);
  return {
    count: header.count,
    ids: uint32('ids'),
    names: splitNames(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytesOf('names')), uint32('nameLengths')),
    dtypes: bytesOf('dtype'),
    dtypeNames: header.dtypes,
    bytes: float64('bytes'),
    tied: bytesOf('tied'),
    dims: float64('dims'),
    firstDim,
  };
}

function splitNames(joined: string, lengths: Uint32Array): string[] {
  const names: string[] = [];
  let start = 0;
  for (const length of lengths) {
    names.push(joined.slice(start, start + length));
    start += length;
  }
  return names;
}

export function shapeOf(listing: Listing, position: number): number[] {
  return Array.from(listing.dims.subarray(listing.firstDim[position], listing.firstDim[position + 1]));
}

export function dtypeOf(listing: Listing, position: number): string {
  return listing.dtypeNames[listing.dtypes[position] ?? 0] ?? '';
}
