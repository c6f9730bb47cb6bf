import type { DType } from '../../ndarray/dtype.ts';
import type { Datatype, FloatLayout } from './datatype.ts';

/** Numbers as a dataset holds them: each element of the dataset is `inner` of them, of one dtype. */
export interface NumberType {
  readonly dtype: DType;
  readonly bigEndian: boolean;
  /** What the file says beyond the dtype: the names of an enumeration. */
  readonly facts: Readonly<Record<string, string>>;
  /** Dimensions of an array type, after those of the dataset. */
  readonly inner: readonly number[];
}

const SHOWN_NAMES = 32;

/** Float layouts: bits of exponent and mantissa, bias. IEEE 754, bfloat16, and the 8-bit floats of HDF5 2.0. */
const FLOATS: Readonly<Record<string, DType>> = {
  '2:5:10:15': 'float16',
  '4:8:23:127': 'float32',
  '8:11:52:1023': 'float64',
  '2:8:7:127': 'bfloat16',
  '1:4:3:7': 'float8_e4m3fn',
  '1:5:2:15': 'float8_e5m2',
};

const INTEGERS: Readonly<Record<string, DType>> = {
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
};

/** How the elements are numbers; undefined where they are none (strings, records, references). */
export function numberType(type: Datatype): NumberType | undefined {
  switch (type.kind) {
    case 'integer': {
      const dtype = type.whole ? INTEGERS[`${type.signed ? 'i' : 'u'}${type.size}`] : undefined;
      return dtype && { dtype, bigEndian: type.bigEndian && type.size > 1, facts: {}, inner: [] };
    }
    case 'float': {
      const dtype = floatDType(type.size, type.layout);
      return dtype && { dtype, bigEndian: type.bigEndian && type.size > 1, facts: {}, inner: [] };
    }
    case 'enum':
      return enumType(type);
    case 'compound':
      return complexType(type);
    case 'complex':
      return complexOf(numberType(type.base), type.size);
    case 'array': {
      const base = numberType(type.base);
      return base && { ...base, inner: [...type.shape, ...base.inner] };
    }
    default:
      return undefined;
  }
}

function floatDType(size: number, layout: FloatLayout): DType | undefined {
  const { bitOffset, precision, exponentAt, exponentBits, mantissaAt, mantissaBits, bias } = layout;
  const isWhole = bitOffset === 0 && precision === 8 * size && mantissaAt === 0 && exponentAt === mantissaBits;
  return isWhole ? FLOATS[`${size}:${exponentBits}:${mantissaBits}:${bias}`] : undefined;
}

/** h5py writes booleans as an enumeration of FALSE = 0 and TRUE = 1 over int8. */
function enumType(type: Extract<Datatype, { kind: 'enum' }>): NumberType | undefined {
  const base = numberType(type.base);
  if (!base) return undefined;
  const isBool = type.names.join() === 'FALSE,TRUE' && type.values.equals(Buffer.from([0, 1]));
  if (isBool) return { ...base, dtype: 'bool' };
  const more = type.names.length > SHOWN_NAMES ? ', …' : '';
  return { ...base, facts: { enumeration: type.names.slice(0, SHOWN_NAMES).join(', ') + more } };
}

/** A record of two equal floats, real part first, as h5py writes complex numbers. */
function complexType({ members, size }: Extract<Datatype, { kind: 'compound' }>): NumberType | undefined {
  const [real, imaginary] = members;
  if (members.length !== 2 || !real || !imaginary) return undefined;
  if (!/^re?(?:al)?$/.test(real.name) || !/^im?(?:ag)?$/.test(imaginary.name)) return undefined;
  const [first, second] = [numberType(real.type), numberType(imaginary.type)];
  const alike = first?.dtype === second?.dtype && first?.bigEndian === second?.bigEndian;
  return alike && real.offset === 0 && 2 * imaginary.offset === size ? complexOf(first, size) : undefined;
}

function complexOf(part: NumberType | undefined, size: number): NumberType | undefined {
  if (part?.dtype === 'float32' && size === 8) return { ...part, dtype: 'complex64' };
  if (part?.dtype === 'float64' && size === 16) return { ...part, dtype: 'complex128' };
  return undefined;
}

/** What the elements are, for people and for listings: `string`, `record (x, y)`. */
export function typeName(type: Datatype): string {
  switch (type.kind) {
    case 'string':
      return 'string';
    case 'vlen':
      return type.text ? 'string' : `list of ${typeName(type.base)}`;
    case 'compound':
      return `record (${type.members
        .map(({ name }) => name)
        .slice(0, SHOWN_NAMES)
        .join(', ')})`;
    case 'array':
      return `array of ${typeName(type.base)}`;
    case 'opaque':
      return type.tag ? `opaque (${type.tag})` : `opaque (${type.size} bytes)`;
    case 'reference':
      return 'reference';
    case 'other':
      return type.name;
    default:
      return numberType(type)?.dtype ?? `${type.kind} of ${type.size} bytes`;
  }
}
