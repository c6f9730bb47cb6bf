/** A small writer of MessagePack, for files that no library would write. */
export type Packable = string | number | boolean | Buffer | readonly Packable[] | Map<string, Packable> | Extension;

interface Extension {
  readonly type: number;
  readonly payload: Buffer;
}

export function raw(...bytes: number[]): Buffer {
  return Buffer.from(bytes);
}

export function map(members: Readonly<Record<string, Packable>>): Map<string, Packable> {
  return new Map(Object.entries(members));
}

export function extension(type: number, payload: Buffer): Extension {
  return { type, payload };
}

/** As flax.serialization writes an array. */
export function array(dtype: string, shape: readonly number[], bytes: Buffer): Extension {
  return extension(1, pack([shape, dtype, bytes]));
}

/** As flax.serialization writes an array of more than 1 GiB. */
export function chunked(dtype: string, shape: readonly number[], parts: readonly Buffer[]): Map<string, Packable> {
  const numbered = <T extends Packable>(items: readonly T[]) =>
    new Map<string, Packable>(items.map((item, index) => [String(index), item]));
  return new Map<string, Packable>([
    ['__msgpack_chunked_array__', true],
    ['shape', numbered(shape)],
    ['chunks', numbered(parts.map((part) => array(dtype, [part.length / 4], part)))],
  ]);
}

export function pack(value: Packable): Buffer {
  if (typeof value === 'boolean') return raw(value ? 0xc3 : 0xc2);
  if (typeof value === 'number') return packInteger(value);
  if (typeof value === 'string') return Buffer.concat([head(0xdb, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(0xc6, value.length), value]);
  if (value instanceof Map) {
    return Buffer.concat([head(0xdf, value.size), ...[...value].flatMap(([key, item]) => [pack(key), pack(item)])]);
  }
  if ('payload' in value) return Buffer.concat([head(0xc9, value.payload.length), raw(value.type), value.payload]);
  return Buffer.concat([head(0xdd, value.length), ...value.map(pack)]);
}

function head(mark: number, length: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = mark;
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

function packInteger(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = 0xd3;
  bytes.writeBigInt64BE(BigInt(value), 1);
  return bytes;
}
