import { UnsupportedDTypeError } from '../../../errors.ts';
import { DTYPES, type DType } from '../../../ndarray/dtype.ts';
import { FieldWriter } from './field-writer.ts';

/** Classes of types (HDF5 File Format Specification, IV.A.2.d). */
const CLASS = { integer: 0, float: 1, string: 3, compound: 6, enumeration: 8, list: 9 } as const;

const SIGNED = 0x08;
/** The leading bit of the mantissa is not stored. */
const NORMALIZED = 0x20;
const LIST_IS_TEXT = 0x01;
const UTF8 = 0x01;
const LIST_BYTES = 16;

const INTEGERS: Partial<Record<DType, { readonly size: number; readonly signed: boolean }>> = {
  int8: { size: 1, signed: true },
  int16: { size: 2, signed: true },
  int32: { size: 4, signed: true },
  int64: { size: 8, signed: true },
  uint8: { size: 1, signed: false },
  uint16: { size: 2, signed: false },
  uint32: { size: 4, signed: false },
  uint64: { size: 8, signed: false },
};

interface FloatBits {
  readonly size: number;
  readonly exponent: number;
  readonly mantissa: number;
  readonly bias: number;
}

/**
 * Floats that every reader of HDF5 converts by their description alone. The library takes an exponent of all
 * ones for infinities and NaN, so that `float8_e4m3fn`, in which those are numbers, is not among them.
 */
const FLOATS: Partial<Record<DType, FloatBits>> = {
  float8_e5m2: { size: 1, exponent: 5, mantissa: 2, bias: 15 },
  float16: { size: 2, exponent: 5, mantissa: 10, bias: 15 },
  bfloat16: { size: 2, exponent: 8, mantissa: 7, bias: 127 },
  float32: { size: 4, exponent: 8, mantissa: 23, bias: 127 },
  float64: { size: 8, exponent: 11, mantissa: 52, bias: 1023 },
};

/** By dtype, as a file has thousands of datasets of one. */
const MESSAGES: ReadonlyMap<DType, Buffer> = new Map(
  DTYPES.flatMap((dtype) => {
    const message = typeOf(dtype);
    return message ? [[dtype, message]] : [];
  }),
);

/** Whether a dataset can hold elements of `dtype`. */
export function hdf5Holds(dtype: DType): boolean {
  return MESSAGES.has(dtype);
}

/** The datatype message of `dtype`, little-endian. @throws UnsupportedDTypeError naming the tensor */
export function datatypeMessage(dtype: DType, name: string): Buffer {
  const message = MESSAGES.get(dtype);
  if (message) return message;
  throw new UnsupportedDTypeError(
    `HDF5 files cannot store ${dtype} (${JSON.stringify(name)}): cast it to another dtype, or save as safetensors.`,
    { dtype, format: 'hdf5', name },
  );
}

/** A text of any length in UTF-8, as h5py writes a string. */
export function textType(): Buffer {
  const flags = [LIST_IS_TEXT, UTF8, 0];
  return head(CLASS.list, flags, LIST_BYTES)
    .raw(integer({ size: 1, signed: false }))
    .bytes();
}

function typeOf(dtype: DType): Buffer | undefined {
  const int = INTEGERS[dtype];
  if (int) return integer(int);
  const bits = FLOATS[dtype];
  if (bits) return float(bits);
  if (dtype === 'bool') return boolean();
  if (dtype === 'complex64') return complex('float32');
  return dtype === 'complex128' ? complex('float64') : undefined;
}

function head(kind: number, flags: readonly number[], size: number): FieldWriter {
  return new FieldWriter().u8(0x10 | kind, ...flags).u32(size);
}

function integer({ size, signed }: { readonly size: number; readonly signed: boolean }): Buffer {
  return head(CLASS.integer, [signed ? SIGNED : 0, 0, 0], size)
    .u16(0)
    .u16(8 * size)
    .bytes();
}

function float({ size, exponent, mantissa, bias }: FloatBits): Buffer {
  const sign = 8 * size - 1;
  return head(CLASS.float, [NORMALIZED, sign, 0], size)
    .u16(0)
    .u16(8 * size)
    .u8(mantissa, exponent, 0, mantissa)
    .u32(bias)
    .bytes();
}

/** An enumeration of FALSE and TRUE over bytes, as h5py writes it. */
function boolean(): Buffer {
  return head(CLASS.enumeration, [2, 0, 0], 1)
    .raw(integer({ size: 1, signed: true }))
    .raw(paddedName('FALSE'))
    .raw(paddedName('TRUE'))
    .u8(0, 1)
    .bytes();
}

/** A record of the real and the imaginary part, as h5py writes it. */
function complex(part: 'float32' | 'float64'): Buffer {
  const bits = FLOATS[part];
  if (!bits) throw new TypeError(`${part} is no float.`);
  const record = head(CLASS.compound, [2, 0, 0], 2 * bits.size);
  for (const [i, name] of ['r', 'i'].entries()) {
    // Of version 1: the offset, then the room for dimensions that no field has.
    record
      .raw(paddedName(name))
      .u32(i * bits.size)
      .raw(Buffer.alloc(28))
      .raw(float(bits));
  }
  return record.bytes();
}

function paddedName(name: string): Buffer {
  return new FieldWriter().text(name).u8(0).align().bytes();
}
