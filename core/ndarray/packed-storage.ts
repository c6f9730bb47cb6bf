/** Plain data, so that it crosses to workers and journals. */
export type PackedValue =
  | string
  | number
  | boolean
  | null
  | readonly PackedValue[]
  | { readonly [key: string]: PackedValue };

/**
 * How a file stores elements that do not lie there as they are, in C order and little-endian: compressed,
 * strided, big-endian, in chunks. `decoder` names who understands `parameters` (core/checkpoint/unpack).
 * Such a value is unpacked off the main thread, in bounded memory, into a scratch file when somebody
 * first looks; from then on it is a run of bytes like any other.
 */
export interface PackedStorage {
  readonly decoder: string;
  readonly parameters: { readonly [key: string]: PackedValue };
}
