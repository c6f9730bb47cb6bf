import type { CellEncoding, DType } from '../contract.ts';
import { shortestDecimal } from './float-rounding.ts';

/** How a value wants to be seen. */
export type CellTone = 'plain' | 'zero' | 'negative' | 'nan' | 'infinite';

export interface CellText {
  readonly text: string;
  readonly tone: CellTone;
}

/** Reads the elements of one block of cells as text, without losing a bit of any dtype. */
export class CellReader {
  readonly #dtype: DType;
  readonly #read: (i: number) => CellText;

  constructor(block: { readonly dtype: DType; readonly encoding: CellEncoding; readonly body: ArrayBuffer }) {
    this.#dtype = block.dtype;
    this.#read = this.#readerOf(block.encoding, block.body);
  }

  at(i: number): CellText {
    return this.#read(i);
  }

  #readerOf(encoding: CellEncoding, body: ArrayBuffer): (i: number) => CellText {
    switch (encoding) {
      case 'float64': {
        const values = new Float64Array(body);
        return (i) => this.#float(values[i] ?? Number.NaN);
      }
      case 'int64': {
        const values = new BigInt64Array(body);
        return (i) => integer(values[i] ?? 0n);
      }
      case 'uint64': {
        const values = new BigUint64Array(body);
        return (i) => integer(values[i] ?? 0n);
      }
      case 'complex128': {
        const values = new Float64Array(body);
        return (i) => this.#complex(values[2 * i] ?? Number.NaN, values[2 * i + 1] ?? Number.NaN);
      }
    }
  }

  #float(value: number): CellText {
    if (this.#dtype === 'bool') return { text: value === 0 ? 'false' : 'true', tone: value === 0 ? 'zero' : 'plain' };
    return { text: formatFloat(value, this.#dtype), tone: toneOf(value) };
  }

  #complex(real: number, imaginary: number): CellText {
    const sign = imaginary < 0 || Object.is(imaginary, -0) ? '-' : '+';
    const text = `${formatFloat(real, this.#dtype)}${sign}${formatFloat(Math.abs(imaginary), this.#dtype)}j`;
    const tone = Number.isNaN(real + imaginary) ? 'nan' : real === 0 && imaginary === 0 ? 'zero' : 'plain';
    return { text, tone };
  }
}

export function formatFloat(value: number, dtype: string): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  if (Object.is(value, -0)) return '-0';
  return shortestDecimal(value, dtype);
}

function toneOf(value: number): CellTone {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return 'infinite';
  if (value === 0) return 'zero';
  return value < 0 ? 'negative' : 'plain';
}

function integer(value: bigint): CellText {
  return { text: String(value), tone: value === 0n ? 'zero' : value < 0n ? 'negative' : 'plain' };
}

/** Pixels that the longest value of a dtype takes in the grid. */
export function cellWidth(dtype: DType): number {
  switch (dtype) {
    case 'bool':
    case 'int8':
    case 'uint8':
    case 'int4':
    case 'uint4':
    case 'int2':
    case 'uint2':
    case 'qint8':
    case 'quint8':
    case 'float4_e2m1fn':
    case 'f6_e2m3':
    case 'f6_e3m2':
      return 64;
    case 'int16':
    case 'uint16':
      return 76;
    case 'float16':
    case 'bfloat16':
      return 92;
    case 'float64':
    case 'int64':
    case 'uint64':
    case 'complex32':
      return 184;
    case 'complex64':
      return 216;
    case 'complex128':
      return 360;
    default:
      return 116;
  }
}
