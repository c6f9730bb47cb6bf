/** How often each bit pattern of a narrow dtype occurs, in a table of uint32 counts: exact whatever the order. */

export function count8(src: usize, n: usize, table: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const at = table + ((<usize>load<u8>(src + i)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}

export function count16(src: usize, n: usize, table: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const at = table + ((<usize>load<u16>(src + (i << 1))) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}
