import { DTYPES } from '../../ndarray/dtype.ts';
import { matchesGlob } from '../plan/glob.ts';

/** Names that the field uses for NumPy's: Rust's (safetensors), PyTorch's, the papers'. */
const ALIASES: Readonly<Record<string, string>> = {
  f64: 'float64',
  double: 'float64',
  f32: 'float32',
  fp32: 'float32',
  f16: 'float16',
  fp16: 'float16',
  half: 'float16',
  bf16: 'bfloat16',
  f8: 'float8',
  fp8: 'float8',
  e4m3: 'float8_e4m3fn',
  f8_e4m3: 'float8_e4m3fn',
  fp8_e4m3: 'float8_e4m3fn',
  e5m2: 'float8_e5m2',
  f8_e5m2: 'float8_e5m2',
  fp8_e5m2: 'float8_e5m2',
  e8m0: 'float8_e8m0fnu',
  f8_e8m0: 'float8_e8m0fnu',
  f4: 'float4',
  fp4: 'float4',
  i64: 'int64',
  i32: 'int32',
  i16: 'int16',
  i8: 'int8',
  i4: 'int4',
  u64: 'uint64',
  u32: 'uint32',
  u16: 'uint16',
  u8: 'uint8',
  u4: 'uint4',
  c32: 'complex32',
  c64: 'complex64',
  c128: 'complex128',
};

/** NumPy's name, or a pattern of them, for what a user wrote; null where no dtype is meant by it. */
export function dtypeNamed(written: string): string | null {
  const lower = written.toLowerCase();
  const name = ALIASES[lower] ?? lower;
  return DTYPES.some((dtype) => isOfDType(dtype, name)) ? name : null;
}

/** `float8` stands for all its variants and `q4*` for what it matches; `float` does not stand for `float32`. */
export function isOfDType(dtype: string, name: string): boolean {
  return dtype === name || dtype.startsWith(`${name}_`) || (/[*?]/.test(name) && matchesGlob(name, dtype));
}
