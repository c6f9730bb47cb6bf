/** Round numbers within `[low, high]`, about `wanted` of them, at steps of 1, 2 or 5 times a power of ten. */
export function linearTicks(low: number, high: number, wanted: number): number[] {
  if (!(high > low) || wanted < 1) return Number.isFinite(low) ? [low] : [];
  const step = niceStep(high / wanted - low / wanted);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // So close together, or so small, that doubles cannot tell their multiples apart.
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last)) return [low];
  const ticks: number[] = [];
  for (let i = first; i <= last; i++) ticks.push(tidy(i * step));
  return ticks;
}

/** Powers of ten from 1 up to `high`. */
export function logTicks(high: number): number[] {
  const ticks: number[] = [];
  for (let tick = 1; tick <= high; tick *= 10) ticks.push(tick);
  return ticks;
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const fraction = rough / power;
  const factor = fraction <= 1 ? 1 : fraction <= 2 ? 2 : fraction <= 5 ? 5 : 10;
  return factor * power;
}

/** `0.30000000000000004` is 0.3 with the noise of its making. */
function tidy(value: number): number {
  return Number(value.toPrecision(12)) + 0;
}

/** Short text for an axis: at most five digits, exponents where they are shorter. */
export function formatTick(value: number): string {
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e5 || magnitude < 1e-3)
    return value
      .toExponential(2)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  return String(Number(value.toPrecision(5)));
}

/** Powers of ten, of either sign, and zero, where the edges reach them; about `wanted`, evenly thinned. */
export function edgeTicks(edges: readonly number[], wanted: number): number[] {
  const low = edges[0] ?? 0;
  const high = edges.at(-1) ?? 0;
  const nearest = edges.reduce(
    (least, edge) => (edge !== 0 && Math.abs(edge) < least ? Math.abs(edge) : least),
    Number.POSITIVE_INFINITY,
  );
  const most = Math.max(Math.abs(low), Math.abs(high));
  if (!(most > 0) || !Number.isFinite(nearest)) return [low];
  const [first, last] = [Math.ceil(Math.log10(nearest)), Math.floor(Math.log10(most))];
  const sides = low < 0 && high > 0 ? 2 : 1;
  const stride = Math.max(1, Math.ceil((last - first + 1) / Math.max(1, wanted / sides)));
  const ticks: number[] = low <= 0 && high >= 0 ? [0] : [];
  // From the outer end inwards, so that the widest decades keep their labels.
  for (let power = last; power >= first; power -= stride) {
    const tick = Number(`1e${power}`);
    if (tick >= low && tick <= high) ticks.push(tick);
    if (-tick >= low && -tick <= high) ticks.push(-tick);
  }
  return ticks.length > 0 ? ticks.sort((a, b) => a - b) : [low, high];
}
