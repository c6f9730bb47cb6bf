/** The heads of MessagePack's values, each as short as the format allows. */

export function mapHead(count: number): Buffer {
  return containerHead(count, { small: 0x80, wide: 0xde });
}

export function arrayHead(count: number): Buffer {
  return containerHead(count, { small: 0x90, wide: 0xdc });
}

function containerHead(count: number, { small, wide }: { readonly small: number; readonly wide: number }): Buffer {
  if (count <= 15) return Buffer.of(small | count);
  return count <= 0xffff ? numbered(wide, count, 2) : numbered(wide + 1, count, 4);
}

export function packString(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([stringHead(bytes.length), bytes]);
}

function stringHead(nbytes: number): Buffer {
  if (nbytes <= 31) return Buffer.of(0xa0 | nbytes);
  return sizedHead(nbytes, 0xd9);
}

export function bytesHead(nbytes: number): Buffer {
  return sizedHead(nbytes, 0xc4);
}

function sizedHead(nbytes: number, first: number): Buffer {
  if (nbytes <= 0xff) return numbered(first, nbytes, 1);
  return nbytes <= 0xffff ? numbered(first + 1, nbytes, 2) : numbered(first + 2, nbytes, 4);
}

export function packSize(value: number): Buffer {
  if (value <= 0x7f) return Buffer.of(value);
  if (value <= 0xff) return numbered(0xcc, value, 1);
  if (value <= 0xffff) return numbered(0xcd, value, 2);
  if (value <= 0xffffffff) return numbered(0xce, value, 4);
  const wide = Buffer.alloc(9, 0xcf);
  wide.writeBigUInt64BE(BigInt(value), 1);
  return wide;
}

export function packTrue(): Buffer {
  return Buffer.of(0xc3);
}

export function extensionHead(nbytes: number, type: number): Buffer {
  const fixed = [1, 2, 4, 8, 16].indexOf(nbytes);
  const head = fixed >= 0 ? Buffer.of(0xd4 + fixed) : sizedHead(nbytes, 0xc7);
  return Buffer.concat([head, Buffer.of(type)]);
}

function numbered(mark: number, value: number, width: number): Buffer {
  const bytes = Buffer.alloc(1 + width, mark);
  bytes.writeUIntBE(value, 1, width);
  return bytes;
}
