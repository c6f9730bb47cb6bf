/** Arithmetic of complex numbers as pairs, after NumPy's loops. */
export type Complex = readonly [re: number, im: number];

export function addComplex([a, b]: Complex, [c, d]: Complex): Complex {
  return [a + c, b + d];
}

export function subtractComplex([a, b]: Complex, [c, d]: Complex): Complex {
  return [a - c, b - d];
}

export function multiplyComplex([a, b]: Complex, [c, d]: Complex): Complex {
  return [a * c - b * d, a * d + b * c];
}

/** Smith's method, which does not overflow where the quotient does not. */
export function divideComplex([a, b]: Complex, [c, d]: Complex): Complex {
  if (Math.abs(c) >= Math.abs(d)) {
    if (c === 0 && d === 0) return [a / Math.abs(c), b / Math.abs(d)];
    const ratio = d / c;
    const scale = 1 / (c + d * ratio);
    return [(a + b * ratio) * scale, (b - a * ratio) * scale];
  }
  const ratio = c / d;
  const scale = 1 / (c * ratio + d);
  return [(a * ratio + b) * scale, (b * ratio - a) * scale];
}
