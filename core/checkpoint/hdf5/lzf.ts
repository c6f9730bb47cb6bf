/** Marks below this are runs of literal bytes; others are copies of what came before. */
const FIRST_COPY = 32;
const LONG = 7;

/**
 * Unpacks LZF (the format of Marc Lehmann's liblzf, h5py's `compression='lzf'`).
 *
 * @throws Error where the stream is damaged or unpacks to more than `limit` bytes.
 */
export function unpackLzf(packed: Buffer, limit: number): Buffer {
  const result = Buffer.allocUnsafeSlow(limit);
  let [from, to] = [0, 0];
  while (from < packed.length) {
    const mark = packed[from++] ?? 0;
    if (mark < FIRST_COPY) {
      const length = mark + 1;
      if (from + length > packed.length || to + length > limit) throw new Error('it is damaged');
      packed.copy(result, to, from, from + length);
      from += length;
      to += length;
      continue;
    }
    let length = mark >> 5;
    if (length === LONG) length += packed[from++] ?? 0;
    const distance = (((mark & 0x1f) << 8) | (packed[from++] ?? 0)) + 1;
    length += 2;
    if (from > packed.length || distance > to || to + length > limit) throw new Error('it is damaged');
    // Byte by byte, for a copy may reach into what it writes.
    for (let i = 0; i < length; i++, to++) result[to] = result[to - distance] ?? 0;
  }
  return result.subarray(0, to);
}
