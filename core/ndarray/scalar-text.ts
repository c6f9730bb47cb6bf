import { InvalidArgumentError } from '../errors.ts';

const UNSIGNED = String.raw`(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)`;
const REAL = new RegExp(`^[+-]?${UNSIGNED}$`, 'i');
const IMAGINARY = new RegExp(`^([+-]?(?:${UNSIGNED})?)j$`, 'i');
const COMPLEX = new RegExp(`^([+-]?${UNSIGNED})([+-](?:${UNSIGNED})?)j$`, 'i');
const DECIMAL = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i;

/** More digits than any integer dtype holds; bounds the work that an exponent can ask for. */
const MAX_INTEGER_DIGITS = 64;

/** `3`, `-0`, `1e-3`, `nan`, `-inf`, `true` as the nearest float64; null for any other text. */
export function parseReal(text: string): number | null {
  const word = text.trim().toLowerCase();
  if (word === 'true') return 1;
  if (word === 'false') return 0;
  if (!REAL.test(word)) return null;
  if (word.includes('nan')) return Number.NaN;
  if (word.includes('inf')) return word.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(word);
}

/** `1+2j`, `2j`, `(1-infj)` or any real number, as Python writes complex numbers; null for any other text. */
export function parseComplex(text: string): readonly [re: number, im: number] | null {
  const word = text.trim().replace(/^\((.*)\)$/, '$1');
  const real = parseReal(word);
  if (real !== null) return [real, 0];
  const imaginary = IMAGINARY.exec(word);
  if (imaginary) return [0, parsePart(imaginary[1] ?? '')];
  const both = COMPLEX.exec(word);
  return both ? [parsePart(both[1] ?? ''), parsePart(both[2] ?? '')] : null;
}

/** A bare sign stands for one: `1-j`. */
function parsePart(text: string): number {
  return /^[+-]?$/.test(text) ? Number(`${text}1`) : (parseReal(text) ?? Number.NaN);
}

/**
 * The exact value of a text that denotes a whole number: `3`, `-0`, `1e3`, `2.0`, `true`.
 *
 * @throws InvalidArgumentError where it is no number or not whole.
 */
export function parseInteger(text: string, dtype: string): bigint {
  const word = text.trim().toLowerCase();
  if (word === 'true') return 1n;
  if (word === 'false') return 0n;
  const match = DECIMAL.exec(word);
  const digits = `${match?.[2] ?? ''}${match?.[3] ?? ''}`;
  if (!match || digits === '') {
    const reason = parseReal(word) === null ? 'is no number' : 'has no place among integers';
    throw new InvalidArgumentError(`"${text}" ${reason}: ${dtype} holds whole numbers.`);
  }
  const scale = Number(match[4] ?? 0) - (match[3]?.length ?? 0);
  const magnitude = scaledInteger(digits, scale);
  if (magnitude === null) {
    throw new InvalidArgumentError(`"${text}" is not a whole number of a size that ${dtype} can hold.`);
  }
  return match[1] === '-' ? -magnitude : magnitude;
}

/** `digits × 10^scale` where that is whole and of a sane length. */
function scaledInteger(digits: string, scale: number): bigint | null {
  const significant = digits.replace(/^0+/, '');
  if (significant === '') return 0n;
  if (significant.length + scale > MAX_INTEGER_DIGITS) return null;
  if (scale >= 0) return BigInt(significant + '0'.repeat(scale));
  const whole = significant.slice(0, scale) || '0';
  return /^0*$/.test(significant.slice(scale)) ? BigInt(whole) : null;
}
