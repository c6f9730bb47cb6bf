/**
 * Products with panels. A panel is a matrix of eight float64 columns, a row of which fills one cache line; wider matrices
 * are panels one after the other.
 */

const ROW: usize = 64;

/**
 * `out[i, :] += Σ a(i, k) · panel[k, :]` for `rows` i and `steps` k, where `a(i, k)` lies at
 * `a + i · rowStride + k · stepStride` bytes: a tile, its transpose and another panel are all read so.
 */
export function multiplyAdd(
  a: usize,
  rowStride: usize,
  stepStride: usize,
  rows: usize,
  steps: usize,
  panel: usize,
  out: usize,
): void {
  let i: usize = 0;
  for (; i + 2 <= rows; i += 2) twoRows(a + i * rowStride, rowStride, stepStride, steps, panel, out + i * ROW);
  if (i < rows) oneRow(a + i * rowStride, stepStride, steps, panel, out + i * ROW);
}

/** Sixteen sums at once: as many as registers hold beside their factors. */
function twoRows(a: usize, rowStride: usize, stepStride: usize, steps: usize, panel: usize, out: usize): void {
  let s0 = v128.load(out);
  let s1 = v128.load(out, 16);
  let s2 = v128.load(out, 32);
  let s3 = v128.load(out, 48);
  let t0 = v128.load(out, 64);
  let t1 = v128.load(out, 80);
  let t2 = v128.load(out, 96);
  let t3 = v128.load(out, 112);
  const end = panel + steps * ROW;
  for (let p = panel; p < end; p += ROW) {
    const x = v128.load64_splat(a);
    const y = v128.load64_splat(a + rowStride);
    a += stepStride;
    const p0 = v128.load(p);
    s0 = f64x2.add(s0, f64x2.mul(x, p0));
    t0 = f64x2.add(t0, f64x2.mul(y, p0));
    const p1 = v128.load(p, 16);
    s1 = f64x2.add(s1, f64x2.mul(x, p1));
    t1 = f64x2.add(t1, f64x2.mul(y, p1));
    const p2 = v128.load(p, 32);
    s2 = f64x2.add(s2, f64x2.mul(x, p2));
    t2 = f64x2.add(t2, f64x2.mul(y, p2));
    const p3 = v128.load(p, 48);
    s3 = f64x2.add(s3, f64x2.mul(x, p3));
    t3 = f64x2.add(t3, f64x2.mul(y, p3));
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
  v128.store(out, t0, 64);
  v128.store(out, t1, 80);
  v128.store(out, t2, 96);
  v128.store(out, t3, 112);
}

function oneRow(a: usize, stepStride: usize, steps: usize, panel: usize, out: usize): void {
  let s0 = v128.load(out);
  let s1 = v128.load(out, 16);
  let s2 = v128.load(out, 32);
  let s3 = v128.load(out, 48);
  const end = panel + steps * ROW;
  for (let p = panel; p < end; p += ROW) {
    const x = v128.load64_splat(a);
    a += stepStride;
    s0 = f64x2.add(s0, f64x2.mul(x, v128.load(p)));
    s1 = f64x2.add(s1, f64x2.mul(x, v128.load(p, 16)));
    s2 = f64x2.add(s2, f64x2.mul(x, v128.load(p, 32)));
    s3 = f64x2.add(s3, f64x2.mul(x, v128.load(p, 48)));
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
}

/** A panel to eight columns of `rows` values, one after the other. */
export function columnsOfPanel(panel: usize, rows: usize, columns: usize): void {
  for (let i: usize = 0; i < rows; i++) {
    for (let j: usize = 0; j < 8; j++) {
      store<f64>(columns + ((j * rows + i) << 3), load<f64>(panel + i * ROW + (j << 3)));
    }
  }
}

export function panelOfColumns(columns: usize, rows: usize, panel: usize): void {
  for (let i: usize = 0; i < rows; i++) {
    for (let j: usize = 0; j < 8; j++) {
      store<f64>(panel + i * ROW + (j << 3), load<f64>(columns + ((j * rows + i) << 3)));
    }
  }
}
