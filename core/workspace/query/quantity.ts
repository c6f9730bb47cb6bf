import type { FieldUnit } from './fields.ts';

const DECIMAL: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12 };
const BYTES: Readonly<Record<string, number>> = {
  ...DECIMAL,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

const SCALES: Readonly<Record<FieldUnit, Readonly<Record<string, number>>>> = {
  bytes: BYTES,
  count: DECIMAL,
  share: { '%': 0.01 },
  value: {},
};

const NUMBER = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)([a-z%]*)$/i;
const WORDS: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
};

/** `100MB`, `1e-6`, `50%`, `-inf`, `nan`; units in any case, decimal but for `KiB` and its like. Null for anything else. */
export function parseQuantity(text: string, unit: FieldUnit): number | null {
  const word = WORDS[text.toLowerCase()];
  if (word !== undefined) return word;
  const [, digits, suffix = ''] = NUMBER.exec(text) ?? [];
  const scale = suffix === '' ? 1 : SCALES[unit][suffix.toLowerCase()];
  // Adding 0 makes -0, which compares as 0, the same number.
  return digits === undefined || scale === undefined ? null : Number(digits) * scale + 0;
}

/** What `parseQuantity` reads as the same number, whatever the unit. */
export function formatQuantity(value: number): string {
  return Number.isFinite(value) ? String(value) : String(value).toLowerCase().replace('infinity', 'inf');
}
