const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const SHORT = ['', 'K', 'M', 'B', 'T'];
const grouped = new Intl.NumberFormat('en-US');

/** `1.34 GB`: decimal units, three significant digits. */
export function formatBytes(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : scaled(bytes, UNITS, ' ');
}

/** `1,234,567`. */
export function formatCount(count: number): string {
  return grouped.format(count);
}

/** `7.24B`: how the field says how many parameters a model has. */
export function formatShortCount(count: number): string {
  return count < 1000 ? String(count) : scaled(count, SHORT, '');
}

function scaled(value: number, units: readonly string[], gap: string): string {
  let power = Math.min(Math.floor(Math.log10(value) / 3), units.length - 1);
  let digits = (value / 1000 ** power).toPrecision(3);
  // 999,999 rounds to 1.00e+3 of the smaller unit.
  if (Number(digits) >= 1000 && power < units.length - 1) {
    power++;
    digits = (value / 1000 ** power).toPrecision(3);
  }
  const shown = digits.includes('e') ? grouped.format(Math.round(Number(digits))) : digits;
  return `${shown}${gap}${units[power]}`;
}

/** `[4096, 11008]`; `scalar` for rank 0. */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : `[${shape.join(', ')}]`;
}

/** A statistic in six significant digits; a dash where there is none. */
export function formatStatistic(value: number | null): string {
  if (value === null) return '—';
  if (value === 0 || Number.isInteger(value)) return Math.abs(value) < 1e15 ? grouped.format(value) : String(value);
  const text = value.toPrecision(6);
  if (text.includes('e')) return text.replace(/\.?0+e/, 'e');
  return Math.abs(value) < 1e-4 ? value.toExponential(5).replace(/\.?0+e/, 'e') : text.replace(/\.?0+$/, '');
}

/** `0.013 %`, and never `0 %` of something or `100 %` of not everything. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %';
  const percent = (part / whole) * 100;
  if (percent < 0.001) return '< 0.001 %';
  if (part < whole && percent > 99.999) return '> 99.999 %';
  return `${Number(percent.toPrecision(3))} %`;
}

/** `1 tensor`, `1,204 tensors`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
