import { InvalidArgumentError, UnsupportedDTypeError } from '../../errors.ts';
import type { DType } from '../../ndarray/dtype.ts';
import type { Shape } from '../../ndarray/shape.ts';
import { serializationRank, tokenOfDType } from './dtypes.ts';
import { METADATA_KEY } from './header.ts';

/** A tensor as the header describes it; `begin` counts from the first byte of the data. */
export interface TensorMember {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly nbytes: number;
  readonly begin: number;
}

/** How the header's punctuation looks; the reference serializer writes none but `:` and `,`. */
export function tensorMember(tensor: TensorMember, colon = ':'): string {
  const { name, dtype, shape, begin, nbytes } = tensor;
  const fields = [
    `"dtype"${colon}"${requireToken(dtype, name)}"`,
    `"shape"${colon}[${shape.join(',')}]`,
    `"data_offsets"${colon}[${begin},${begin + nbytes}]`,
  ];
  return `${jsonString(name)}${colon}{${fields.join(',')}}`;
}

export function metadataMember(metadata: Readonly<Record<string, string>>, colon = ':'): string {
  const pairs = Object.entries(metadata).map(([key, value]) => `${jsonString(key)}${colon}${jsonString(value)}`);
  return `${jsonString(METADATA_KEY)}${colon}{${pairs.join(',')}}`;
}

/** By the reference serializer: dtypes from last to first of its enumeration, then names by their UTF-8 bytes. */
export function canonicalOrder(
  a: { readonly name: string; readonly dtype: DType },
  b: { readonly name: string; readonly dtype: DType },
): number {
  const byDType = serializationRank(b.dtype) - serializationRank(a.dtype);
  return byDType || Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));
}

/**
 * A JSON string as serde_json writes it, which is how `JSON.stringify` does.
 *
 * @throws InvalidArgumentError where the text holds half of a surrogate pair, which UTF-8 cannot carry.
 */
export function jsonString(text: string): string {
  if (/[\ud800-\udfff]/.test(text) && /\p{Surrogate}/u.test(text)) {
    throw new InvalidArgumentError(`${JSON.stringify(text)} holds half of a surrogate pair and cannot be stored.`);
  }
  return JSON.stringify(text);
}

/** @throws UnsupportedDTypeError where the format has no such dtype. */
export function requireToken(dtype: DType, name: string): string {
  const token = tokenOfDType(dtype);
  if (token !== undefined) return token;
  throw new UnsupportedDTypeError(
    `safetensors cannot store ${dtype} (tensor ${JSON.stringify(name)}): cast it to another dtype first.`,
  );
}
