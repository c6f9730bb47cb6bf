/** Reverses each group of `size` bytes in place; 1 leaves them as they are. The length is a multiple of `size`. */
export function swapBytes(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (size) {
    case 1:
      return;
    case 2:
      buffer.swap16();
      return;
    case 4:
      buffer.swap32();
      return;
    case 8:
      buffer.swap64();
      return;
    default:
      for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
  }
}
