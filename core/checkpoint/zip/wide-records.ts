/** Sizes and counts from here on need the 64-bit records (PKWARE's APPNOTE, 4.3.14 to 4.3.16 and 4.5.3). */
export const WIDE = 0xffffffff;
const MANY = 0xffff;
/** Version 4.5 of the format, for its 64-bit records, and UTF-8 names. */
export const VERSION = 45;

/** The extra field of the values that stand in for fields that are too narrow, in the order of those fields. */
export function wideExtra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(0x0001, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  values.forEach((value, i) => {
    extra.writeBigUInt64LE(BigInt(value), 4 + 8 * i);
  });
  return extra;
}

/** What ends an archive whose directory of `count` records takes `nbytes` bytes at `offset`. */
export function endRecords(
  count: number,
  { offset, nbytes }: { readonly offset: number; readonly nbytes: number },
): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(count, MANY), 8);
  end.writeUInt16LE(Math.min(count, MANY), 10);
  end.writeUInt32LE(Math.min(nbytes, WIDE), 12);
  end.writeUInt32LE(Math.min(offset, WIDE), 16);
  if (count < MANY && nbytes < WIDE && offset < WIDE) return end;
  const wide = Buffer.alloc(56 + 20);
  wide.writeUInt32LE(0x06064b50, 0);
  wide.writeBigUInt64LE(44n, 4);
  wide.writeUInt16LE(VERSION, 12);
  wide.writeUInt16LE(VERSION, 14);
  for (const at of [24, 32]) wide.writeBigUInt64LE(BigInt(count), at);
  wide.writeBigUInt64LE(BigInt(nbytes), 40);
  wide.writeBigUInt64LE(BigInt(offset), 48);
  wide.writeUInt32LE(0x07064b50, 56);
  wide.writeBigUInt64LE(BigInt(offset + nbytes), 64);
  wide.writeUInt32LE(1, 72);
  return Buffer.concat([wide, end]);
}
