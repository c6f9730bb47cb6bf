import { describe, expect, it } from 'vitest';
import { encodeListing } from '../../../core/api/listing-codec.ts';
import type { Listing } from '../../../core/workspace/contract.ts';
import { decodeListing } from '../../../renderer/api/listing.ts';

function roundTrip(listing: Listing) {
  const decoded = decodeListing(Uint8Array.from(encodeListing(listing)).buffer);
  const shapes = Array.from({ length: decoded.count }, (_, i) => [
    ...decoded.dims.subarray(decoded.firstDim[i], decoded.firstDim[i + 1]),
  ]);
  return {
    ids: [...decoded.ids],
    names: [...decoded.names],
    dtypes: [...decoded.dtypes].map((index) => decoded.dtypeNames[index]),
    shapes,
    bytes: [...decoded.bytes],
  };
}

describe('a listing on its way to the page', () => {
  it.each<[string, Listing]>([
    ['nothing', { ids: new Uint32Array(), names: [], dtypes: [], shapes: [], bytes: new Float64Array() }],
    [
      'a scalar, an empty tensor, a huge one, and names beyond ASCII',
      {
        ids: Uint32Array.of(7, 3, 4_000_000_000),
        names: ['', 'größe.重み', '\ufeff😀\0"'],
        dtypes: ['float32', 'bool', 'float32'],
        shapes: [[], [0, 3], [2 ** 40, 4]],
        bytes: Float64Array.of(4, 0, 2 ** 44),
      },
    ],
    [
      'many tensors, whose header grows past its first estimate',
      {
        ids: Uint32Array.from({ length: 5_000 }, (_, i) => i),
        names: Array.from({ length: 5_000 }, (_, i) => `layers.${i}.weight`),
        dtypes: Array.from({ length: 5_000 }, (_, i) => (i % 2 ? 'float16' : 'int8')),
        shapes: Array.from({ length: 5_000 }, (_, i) => [i, 2, 3].slice(i % 4)),
        bytes: Float64Array.from({ length: 5_000 }, (_, i) => i),
      },
    ],
  ])('arrives as it was: %s', (_case, listing) => {
    expect(roundTrip(listing)).toEqual({ ...listing, ids: [...listing.ids], bytes: [...listing.bytes] });
  });
});
