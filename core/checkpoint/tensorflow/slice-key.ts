import type { AxisExtent } from './messages.ts';

/**
 * The key under which a slice of a tensor stands in the index (tensorflow/core/util/saved_tensor_slice_util.cc,
 * `EncodeTensorNameSlice`, in the ordered code of tensorflow/core/lib/strings/ordered_code.cc).
 */
export function sliceKey(name: Buffer, slice: readonly AxisExtent[]): Buffer {
  const extents = slice.flatMap(({ start, length }) =>
    length === null ? [signed(0n), signed(-1n)] : [signed(BigInt(start)), signed(BigInt(length))],
  );
  return Buffer.concat([unsigned(0), text(name), unsigned(slice.length), ...extents]);
}

/** The count of bytes, then the bytes from the highest. */
function unsigned(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return Buffer.from([bytes.length, ...bytes]);
}

/** 0x00 and 0xff are escaped; 0x00 0x01 ends the text. */
function text(name: Buffer): Buffer {
  const parts: number[] = [];
  for (const byte of name) {
    if (byte === 0x00) parts.push(0x00, 0xff);
    else if (byte === 0xff) parts.push(0xff, 0x00);
    else parts.push(byte);
  }
  return Buffer.from([...parts, 0x00, 0x01]);
}

/** As many leading ones as there are bytes, a zero, then the number; of a negative one the bits are turned over. */
function signed(value: bigint): Buffer {
  const positive = value < 0n ? ~value : value;
  let length = 1;
  // Each byte carries 7 bits, of which the first is the sign.
  while (positive >= 1n << BigInt(7 * length - 1)) length++;
  const bytes = Buffer.alloc(length);
  let left = positive;
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(left & 0xffn);
    left >>= 8n;
  }
  const marks = length <= 8 ? [(0xff << (8 - length)) & 0xff] : [0xff, (0xff << (16 - length)) & 0xff];
  for (const [i, mark] of marks.entries()) bytes[i] = (bytes[i] ?? 0) | mark;
  if (value < 0n) for (let i = 0; i < length; i++) bytes[i] = ~(bytes[i] ?? 0) & 0xff;
  return bytes;
}
