/** Vectors that are projected out of the others together: as many as stay in the cache. */
const PANEL = 32;
/** Vectors of a tile, which divide a panel: a tile's sums fit into registers, half of them at a time. */
const TILE = 4;
/** Where less than this share of a vector is left, rounding has spoiled what is: the panel goes through once more. */
const LEAST_SHARE = 0.1;

/**
 * Makes `vectors` unit vectors that are orthogonal to each other (modified Gram and Schmidt, a panel at a
 * time). Of random vectors this is the QR decomposition with a positive diagonal of R, so that for normal
 * values every orthogonal matrix is equally likely (Mezzadri 2007). Where most of a vector cancels, once
 * more: "twice is enough" (Kahan, in Parlett 1980).
 */
export function orthonormalize(vectors: readonly Float64Array[]): void {
  for (let first = 0; first < vectors.length; first += PANEL) {
    const panel = vectors.slice(first, first + PANEL);
    let share: number;
    do {
      const lengths = panel.map(lengthOf);
      projectOut(panel, vectors.slice(0, first));
      share = Math.min(...panel.map((vector, i) => normalize(vector, panel.slice(0, i)) / (lengths[i] ?? 1)));
    } while (share < LEAST_SHARE);
  }
}

/** Makes `panel` orthogonal to `others`, which are a multiple of four and so to each other. */
function projectOut(panel: readonly Float64Array[], others: readonly Float64Array[]): void {
  const whole = panel.length - (panel.length % TILE);
  const sums = new Float64Array(TILE * TILE);
  for (let j = 0; j < others.length; j += TILE) {
    const directions = others.slice(j, j + TILE);
    for (let i = 0; i < whole; i += TILE) projectTile(panel.slice(i, i + TILE), directions, sums);
    for (const vector of panel.slice(whole)) {
      for (const other of directions) subtract(vector, other, dot(vector, other));
    }
  }
}

/** Four vectors and four directions: each is read a few times in place of sixteen. */
function projectTile(vectors: readonly Float64Array[], directions: readonly Float64Array[], sums: Float64Array): void {
  for (let j = 0; j < TILE; j += 2) writeProducts(vectors, directions.slice(j, j + 2), sums.subarray(j));
  for (let i = 0; i < TILE; i += 2) {
    subtractFour(vectors.slice(i, i + 2), directions, sums.subarray(i * TILE, (i + 2) * TILE));
  }
}

/** The products of four vectors with two directions, a row of `sums` for each vector. */
function writeProducts(
  [a = EMPTY, b = EMPTY, c = EMPTY, d = EMPTY]: readonly Float64Array[],
  [p = EMPTY, q = EMPTY]: readonly Float64Array[],
  sums: Float64Array,
): void {
  let [ap, aq, bp, bq, cp, cq, dp, dq] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let k = 0; k < p.length; k++) {
    const pk = p[k] ?? 0;
    const qk = q[k] ?? 0;
    ap += (a[k] ?? 0) * pk;
    aq += (a[k] ?? 0) * qk;
    bp += (b[k] ?? 0) * pk;
    bq += (b[k] ?? 0) * qk;
    cp += (c[k] ?? 0) * pk;
    cq += (c[k] ?? 0) * qk;
    dp += (d[k] ?? 0) * pk;
    dq += (d[k] ?? 0) * qk;
  }
  [ap, bp, cp, dp].forEach((sum, row) => {
    sums[row * TILE] = sum;
  });
  [aq, bq, cq, dq].forEach((sum, row) => {
    sums[row * TILE + 1] = sum;
  });
}

/** Takes four directions, each times its factor, from two vectors: a row of `factors` for each vector. */
function subtractFour(
  [a = EMPTY, b = EMPTY]: readonly Float64Array[],
  [p = EMPTY, q = EMPTY, r = EMPTY, s = EMPTY]: readonly Float64Array[],
  factors: Float64Array,
): void {
  const [ap = 0, aq = 0, ar = 0, as = 0, bp = 0, bq = 0, br = 0, bs = 0] = factors;
  for (let k = 0; k < a.length; k++) {
    const pk = p[k] ?? 0;
    const qk = q[k] ?? 0;
    const rk = r[k] ?? 0;
    const sk = s[k] ?? 0;
    a[k] = (a[k] ?? 0) - (ap * pk + aq * qk + ar * rk + as * sk);
    b[k] = (b[k] ?? 0) - (bp * pk + bq * qk + br * rk + bs * sk);
  }
}

const EMPTY = new Float64Array(0);

/** Makes `vector` a unit vector orthogonal to `others`, which are. Returns the length that was left of it. */
function normalize(vector: Float64Array, others: readonly Float64Array[]): number {
  for (const other of others) subtract(vector, other, dot(vector, other));
  const length = lengthOf(vector);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) / length;
  return length;
}

function lengthOf(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function subtract(vector: Float64Array, other: Float64Array, factor: number): void {
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) - factor * (other[i] ?? 0);
}
