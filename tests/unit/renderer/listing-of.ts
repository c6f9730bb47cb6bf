import { encodeListing } from '../../../core/api/listing-codec.ts';
import { decodeListing, type Listing } from '../../../renderer/api/listing.ts';

export interface Tensor {
  readonly name: string;
  readonly dtype?: string;
  readonly shape?: readonly number[];
  readonly bytes?: number;
}

/** The listing that a page would hold for these tensors, sent through the host's own encoder. */
export function listingOf(tensors: readonly (Tensor | string)[]): Listing {
  const full = tensors.map((tensor) => (typeof tensor === 'string' ? { name: tensor } : tensor)) as Tensor[];
  const message = encodeListing({
    ids: Uint32Array.from(full, (_, i) => i + 100),
    names: full.map((tensor) => tensor.name),
    dtypes: full.map((tensor) => tensor.dtype ?? 'float32'),
    shapes: full.map((tensor) => tensor.shape ?? [2]),
    bytes: Float64Array.from(full, (tensor) => tensor.bytes ?? 8),
  });
  return decodeListing(message.slice().buffer);
}

export function allOf(listing: Listing): number[] {
  return Array.from({ length: listing.count }, (_, i) => i);
}
