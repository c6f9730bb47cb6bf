/** SplitMix64 (Steele, Lea and Flood 2014) as a function of a counter: any range of the numbers comes out the same. */
function bits(seed: u64, counter: u64): u64 {
  let z = seed + (counter + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/** In (0, 1]. */
function uniform(seed: u64, counter: u64): f64 {
  return (<f64>(bits(seed, counter) >> 11) + 1) * 1.1102230246251565e-16;
}

/** `n` standard normal values, those from number `first` of `seed` on (Box and Muller 1958). */
export function gaussian(out: usize, n: usize, seed: u64, first: u64): void {
  for (let i: usize = 0; i < n; i++) {
    const counter = (first + <u64>i) << 1;
    const radius = Math.sqrt(-2 * Math.log(uniform(seed, counter)));
    store<f64>(out + (i << 3), radius * Math.cos(6.283185307179586 * uniform(seed, counter + 1)));
  }
}
