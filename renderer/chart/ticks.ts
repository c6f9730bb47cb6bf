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
