import { mutateJson } from './json.mjs';
import { mutateField } from './numbers.mjs';

/** The header's JSON as a tree, with its length mended, or the length alone. */
export function mutateSafetensors(bytes, random) {
  const length = Number(bytes.readBigUInt64LE(0));
  if (random.chance(0.15) || 8 + length > bytes.length) return mutateField(bytes, [{ at: 0, size: 8 }], random);
  const text = mutateJson(bytes.toString('utf8', 8, 8 + length), random);
  if (text === null) return mutateField(bytes, [{ at: 0, size: 8 }], random);
  const header = Buffer.from(text);
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([head, header, bytes.subarray(8 + length)]);
}
