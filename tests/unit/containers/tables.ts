import { maskedCrc32c } from '../../../core/checkpoint/tensorflow/crc32c.ts';

/** A small writer of TensorFlow's index files: one block, no shared prefixes. */
export function table(entries: readonly (readonly [key: Buffer | string, value: Buffer])[], compression = 0): Buffer {
  const sorted = entries
    .map(([key, value]) => [Buffer.from(key), value] as const)
    .toSorted(([a], [b]) => Buffer.compare(a, b));
  const data = block(sorted, compression);
  const index = block([[Buffer.from([0xff]), Buffer.concat([varint(0), varint(data.length - 5)])]], 0);
  const handles = Buffer.concat([0, 0, data.length, index.length - 5].map(varint));
  const magic = Buffer.from([0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb]);
  return Buffer.concat([data, index, handles, Buffer.alloc(40 - handles.length), magic]);
}

function block(entries: readonly (readonly [Buffer, Buffer])[], compression: number): Buffer {
  const parts = entries.map(([key, value]) =>
    Buffer.concat([varint(0), varint(key.length), varint(value.length), key, value]),
  );
  const body = Buffer.concat([...parts, Buffer.from([0, 0, 0, 0, 1, 0, 0, 0, compression])]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(maskedCrc32c(body));
  return Buffer.concat([body, sum]);
}

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = BigInt(value);
  for (; left >= 128n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return Buffer.from([...bytes, Number(left)]);
}

export function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

export function message(field: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
}

export function shape(...sizes: readonly number[]): Buffer {
  return message(2, ...sizes.map((size) => message(2, number(1, size))));
}
