import { InvalidArgumentError } from '../errors.ts';
import type { KwargValue } from './kwargs.ts';

/**
 * JSON as Python's `json` writes it: `, ` and `: ` between items, ASCII only, `NaN` and `Infinity` as
 * words, floats by `repr`. MXNet stores initializers in this form and compares it as text.
 */

/** A number that Python holds as a float, and so writes with a point. */
export class PythonFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

export type PythonValue = KwargValue | PythonFloat | readonly PythonValue[] | { readonly [key: string]: PythonValue };

export function toPythonJson(value: PythonValue): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return asciiString(value);
  if (typeof value === 'number' || typeof value === 'bigint') return formatNumber(value);
  if (value instanceof PythonFloat) {
    const text = formatNumber(value.value);
    return /^-?\d+$/.test(text) ? `${text}.0` : text;
  }
  if (isList(value)) return `[${value.map(toPythonJson).join(', ')}]`;
  const items = Object.entries(value).map(([key, item]) => `${asciiString(key)}: ${toPythonJson(item)}`);
  return `{${items.join(', ')}}`;
}

/** Integers that no float64 holds become bigints. @throws InvalidArgumentError for what is no JSON. */
export function parsePythonJson(text: string): unknown {
  const json = text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    isPlainToken(token) ? token : `"${MARK}${token}"`,
  );
  try {
    return JSON.parse(json, (_key, value: unknown) =>
      typeof value === 'string' && value.startsWith(MARK) ? markedNumber(value.slice(MARK.length)) : value,
    );
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidArgumentError(`The initializer ${JSON.stringify(text)} is no valid JSON: ${reason}.`);
  }
}

/** Begins the strings that stand for numbers which JSON.parse does not read; no text of ours contains it. */
const MARK = '\u{f0000}number:';

/** Strings, and the numbers that JSON.parse reads without loss. */
function isPlainToken(token: string): boolean {
  if (token.startsWith('"')) return true;
  return /^-?\d+$/.test(token) ? Number.isSafeInteger(Number(token)) : /\d/.test(token);
}

function markedNumber(text: string): number | bigint {
  return /\d/.test(text) ? BigInt(text) : Number(text);
}

function isList(value: PythonValue): value is readonly PythonValue[] {
  return Array.isArray(value);
}

function asciiString(text: string): string {
  return JSON.stringify(text).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Python changes to exponents below 1e-4 and from 1e16 on, and writes at least two digits of them. A whole number
 * that float64 may have rounded is a float: as an integer it would come back as a bigint.
 */
function formatNumber(value: number | bigint): string {
  if (typeof value === 'bigint' || !Number.isFinite(value) || Number.isSafeInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e16) return Number.isInteger(value) ? `${value}.0` : String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}
