import { InvalidArgumentError } from '../../errors.ts';
import { HeadBytes } from './head-bytes.ts';
import { FIXED_BYTES, type FixedType, type ValueType } from './value-types.ts';
import type { GGUFValue } from './values.ts';

/** A type of value; of an array that of its elements, where it is known. */
export interface ValueKind {
  readonly type: ValueType;
  readonly elements?: ValueType;
}

/** Keys of `general.` that the specification gives another type than string. */
const GENERAL_KINDS: Readonly<Record<string, ValueKind>> = {
  'general.alignment': { type: 'uint32' },
  'general.file_type': { type: 'uint32' },
  'general.quantization_version': { type: 'uint32' },
  'general.base_model.count': { type: 'uint32' },
  'general.dataset.count': { type: 'uint32' },
  'general.tags': { type: 'array', elements: 'string' },
  'general.languages': { type: 'array', elements: 'string' },
  'general.datasets': { type: 'array', elements: 'string' },
};

const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

export function kindOf({ type, array }: GGUFValue): ValueKind {
  return array ? { type, elements: array.type } : { type };
}

/**
 * The type of a new key: what the specification says of it; else what the text looks like, whole numbers as
 * the least of uint32, int32, uint64 and int64 that holds them, others as float32, lists of JSON as arrays.
 */
export function inferKind(key: string, text: string): ValueKind {
  const known = GENERAL_KINDS[key];
  if (known) return known;
  if (key.startsWith('general.')) return { type: 'string' };
  if (text === 'true' || text === 'false') return { type: 'bool' };
  if (INTEGER.test(text)) return { type: integerType([BigInt(text)], ['uint32', 'int32', 'uint64', 'int64']) };
  if (NUMBER.test(text)) return { type: 'float32' };
  const array = text.startsWith('[') ? parseArray(text) : null;
  return array ? { type: 'array', elements: elementsType(array) ?? 'string' } : { type: 'string' };
}

/** Null where there is none: an array of nothing, or of different things. */
function elementsType(array: readonly unknown[]): ValueType | null {
  if (array.length > 0 && array.every((value) => typeof value === 'string')) {
    // How integers beyond 2^53 are shown.
    return array.every((value) => INTEGER.test(String(value)) && !Number.isSafeInteger(Number(value)))
      ? integerType(
          array.map((value) => BigInt(String(value))),
          ['int64', 'uint64'],
        )
      : 'string';
  }
  if (array.length > 0 && array.every((value) => typeof value === 'boolean')) return 'bool';
  if (array.length > 0 && array.every((value) => Array.isArray(value))) return 'array';
  if (array.length === 0 || !array.every((value) => typeof value === 'number')) return null;
  if (!array.every(Number.isSafeInteger)) return 'float32';
  return integerType(array.map(BigInt), ['int32', 'int64', 'uint64']);
}

const RANGES: Readonly<Partial<Record<ValueType, readonly [least: bigint, most: bigint]>>> = {
  uint8: [0n, 0xffn],
  int8: [-0x80n, 0x7fn],
  uint16: [0n, 0xffffn],
  int16: [-0x8000n, 0x7fffn],
  uint32: [0n, 0xffff_ffffn],
  int32: [-0x8000_0000n, 0x7fff_ffffn],
  uint64: [0n, 2n ** 64n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
};

function integerType(values: readonly bigint[], types: readonly ValueType[]): ValueType {
  return types.find((type) => values.every((value) => isInRange(value, type))) ?? 'string';
}

function isInRange(value: bigint, type: ValueType): boolean {
  const [least, most] = RANGES[type] ?? [1n, 0n];
  return value >= least && value <= most;
}

function parseArray(text: string): readonly unknown[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * The bytes of a value, without the type in front, from the text that people see of it.
 *
 * @throws InvalidArgumentError where the text is no value of that kind.
 */
export function encodeText(
  key: string,
  text: string,
  { kind, littleEndian }: { readonly kind: ValueKind; readonly littleEndian: boolean },
): Buffer {
  const encoder = new ValueEncoder(key, littleEndian);
  encoder.value(text, kind);
  return encoder.bytes.finish();
}

class ValueEncoder {
  readonly bytes: HeadBytes;
  readonly #key: string;
  readonly #littleEndian: boolean;

  constructor(key: string, littleEndian: boolean) {
    this.#key = key;
    this.#littleEndian = littleEndian;
    this.bytes = new HeadBytes(littleEndian);
  }

  value(text: string, { type, elements }: ValueKind): void {
    if (type === 'string') this.bytes.string(text);
    else if (type !== 'array') this.#fixed(text.trim(), type);
    else this.#array(parseArray(text) ?? this.#fail(text, 'a list, written as JSON and whole'), elements);
  }

  #array(array: readonly unknown[], wanted: ValueType | undefined): void {
    const type = wanted ?? elementsType(array) ?? 'string';
    this.bytes.type(type).u64(array.length);
    for (const element of array) {
      if (type === 'array') {
        this.#array(
          Array.isArray(element) ? element : this.#fail(JSON.stringify(element), 'a list in the list'),
          undefined,
        );
      } else if (type === 'string') {
        this.bytes.string(
          typeof element === 'string' ? element : this.#fail(JSON.stringify(element), 'a string in the list'),
        );
      } else this.#fixed(String(element), type);
    }
  }

  #fixed(text: string, type: FixedType): void {
    const bytes = new Uint8Array(FIXED_BYTES[type]);
    const view = new DataView(bytes.buffer);
    if (type === 'bool') view.setUint8(0, this.#truth(text));
    else if (type === 'float32') view.setFloat32(0, this.#float(text, type), this.#littleEndian);
    else if (type === 'float64') view.setFloat64(0, this.#float(text, type), this.#littleEndian);
    else this.#integer(view, text, type);
    this.bytes.bytes(bytes);
  }

  #truth(text: string): number {
    if (text === 'true' || text === '1') return 1;
    return text === 'false' || text === '0' ? 0 : this.#fail(text, 'true or false');
  }

  #float(text: string, type: FixedType): number {
    if (/^nan$/i.test(text)) return Number.NaN;
    const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
    if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    return NUMBER.test(text) ? Number(text) : this.#fail(text, `a number (${type})`);
  }

  #integer(view: DataView, text: string, type: FixedType): void {
    const value = INTEGER.test(text) ? BigInt(text) : this.#fail(text, `a whole number (${type})`);
    if (!isInRange(value, type)) this.#fail(text, `a whole number that ${type} can hold`);
    const bits = view.byteLength * 8;
    const rest = BigInt.asUintN(bits, value);
    for (let i = 0; i < view.byteLength; i++) {
      const at = this.#littleEndian ? i : view.byteLength - 1 - i;
      view.setUint8(at, Number((rest >> BigInt(8 * i)) & 0xffn));
    }
  }

  #fail(text: string, wanted: string): never {
    const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
    throw new InvalidArgumentError(`The metadata key '${this.#key}' wants ${wanted}, not '${shown}'.`, {
      key: this.#key,
    });
  }
}
