/** How often each bit pattern of a narrow dtype occurs, in a table of uint32 counts: exact whatever the order. */

export function countCode(table: usize, code: usize): void {
  const at = table + (code << 2);
  store<u32>(at, load<u32>(at) + 1);
}

export function count8(src: usize, n: usize, table: usize): void {
  for (let i: usize = 0; i < n; i++) countCode(table, load<u8>(src + i));
}

export function count16(src: usize, n: usize, table: usize): void {
  const end = src + (n << 1);
  const tail = src + ((n & ~7) << 1);
  for (let p = src; p < tail; p += 16) {
    countCode(table, load<u16>(p));
    countCode(table, load<u16>(p, 2));
    countCode(table, load<u16>(p, 4));
    countCode(table, load<u16>(p, 6));
    countCode(table, load<u16>(p, 8));
    countCode(table, load<u16>(p, 10));
    countCode(table, load<u16>(p, 12));
    countCode(table, load<u16>(p, 14));
  }
  for (let p = tail; p < end; p += 2) countCode(table, load<u16>(p));
}

const LARGEST: f64 = 3.4028234663852886e38;

/**
 * The prefix of a float32, an order-preserving code of 16 bits: sign, exponent and seven bits of the fraction. Of a
 * float64 that of the nearest float32; finite values stay finite.
 */
export function prefixOf(x: f64): usize {
  const within = abs(x) < Infinity ? min(max(x, -LARGEST), LARGEST) : x;
  return <usize>(reinterpret<u32>(<f32>within) >> 16);
}

export function countPrefixesF64(src: usize, n: usize, table: usize): void {
  for (let i: usize = 0; i < n; i++) countCode(table, prefixOf(load<f64>(src + (i << 3))));
}

/** The entries that are not zero, in order: their numbers as uint16, their counts as uint32. Gives how many. */
export function collectCounts(table: usize, entries: usize, codes: usize, counts: usize): usize {
  let found: usize = 0;
  for (let code: usize = 0; code < entries; code += 4) {
    const at = table + (code << 2);
    if (!v128.any_true(v128.load(at))) continue;
    for (let k: usize = 0; k < 4; k++) {
      const count = load<u32>(at + (k << 2));
      if (count == 0) continue;
      store<u16>(codes + (found << 1), <u16>(code + k));
      store<u32>(counts + (found << 2), count);
      found++;
    }
  }
  return found;
}
