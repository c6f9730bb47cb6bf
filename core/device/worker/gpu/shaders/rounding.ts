import { isByteFloat } from '../../../../ndarray/codec/float-codec.ts';
import type { ByteFloat } from '../../../../ndarray/codec/float-tables.ts';
import { type DType, dtypeInfo } from '../../../../ndarray/dtype.ts';
import { FLOAT_FORMATS, type FloatFormat } from '../../../../ndarray/float-format.ts';
import { workingType } from '../../../working-type.ts';

/**
 * `fn store(x)`: the element that storage of a dtype would hold for a result. Floats round to nearest
 * even and integers wrap, in integer arithmetic on the bits, so that no driver's rounding shows.
 */
export function storeCode(dtype: DType): string {
  if (isByteFloat(dtype)) {
    const body = dtype === 'float8_e8m0fnu' ? SCALE_BITS : roundedBits(dtype, FLOAT_FORMATS[dtype]);
    return `${body}\nfn store(x: f32) -> f32 { return bitcast<f32>(roundedBits(bitcast<u32>(x))); }`;
  }
  if (workingType(dtype) === 'float32') return 'fn store(x: f32) -> f32 { return x; }';
  const { kind, bits } = dtypeInfo(dtype);
  if (bits === 32 || kind === 'bool') return 'fn store(x: i32) -> i32 { return x; }';
  const shift = 32 - bits;
  return kind === 'int'
    ? `fn store(x: i32) -> i32 { return (x << ${shift}u) >> ${shift}u; }`
    : `fn store(x: i32) -> i32 { return x & ${hex(2 ** bits - 1, '')}; }`;
}

/** Float32 bits to those of the nearest value of the format, NaN payloads as `narrowFloats` cuts them. */
function roundedBits(dtype: ByteFloat, format: FloatFormat): string {
  const { mantissaBits, bias, specials } = format;
  const cut = 23 - mantissaBits;
  // bfloat16 has the exponents of float32: its subnormals round as its normal numbers do.
  const leastNormal = dtype === 'bfloat16' ? 0 : (128 - bias) * 2 ** 23;
  const overflow = { ieee: 'sign | 0x7f800000u', fn: 'sign | 0x7fc00000u', fnuz: '0xffc00000u' };
  const kind = specials === 'ieee' || specials === 'fnuz' ? specials : 'fn';
  return `
fn roundedBits(bits: u32) -> u32 {
  let sign: u32 = bits & 0x80000000u;
  let magnitude: u32 = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) {
    ${nanCode(kind, mantissaBits)}
  }
  var rounded: u32 = 0u;
  if (magnitude >= ${hex(leastNormal)}) {
    rounded = (magnitude + ${hex(2 ** (cut - 1) - 1)} + ((magnitude >> ${cut}u) & 1u)) & ${hex(2 ** 32 - 2 ** cut)};
  } else {
    let exponent: u32 = max(magnitude >> 23u, 1u);
    let significand: u32 = (magnitude & 0x7fffffu) | select(0u, 0x800000u, magnitude >= 0x800000u);
    let shift: u32 = ${151 - bias - mantissaBits}u - exponent;
    if (shift <= 24u) {
      let whole: u32 = significand >> shift;
      let rest: u32 = significand & ((1u << shift) - 1u);
      let middle: u32 = 1u << (shift - 1u);
      let up: bool = rest > middle || (rest == middle && (whole & 1u) == 1u);
      rounded = bitcast<u32>(f32(whole + select(0u, 1u, up)) * ${2 ** (1 - bias - mantissaBits)});
    }
  }
  if (rounded > ${hex(largestBits(format))}) { return ${overflow[kind]}; }
  ${kind === 'fnuz' ? 'if (rounded == 0u) { return 0u; }' : ''}
  return sign | rounded;
}`;
}

function nanCode(kind: 'ieee' | 'fn' | 'fnuz', mantissaBits: number): string {
  if (kind === 'fn') return 'return sign | 0x7fc00000u;';
  if (kind === 'fnuz') return 'return 0xffc00000u;';
  const cut = 23 - mantissaBits;
  return `let payload: u32 = (magnitude >> ${cut}u) & ${hex(2 ** mantissaBits - 1)};
    return sign | 0x7f800000u | (select(payload, ${hex(2 ** (mantissaBits - 1))}, payload == 0u) << ${cut}u);`;
}

/** float8_e8m0fnu: powers of two without sign and zero; below the least of them everything rounds up to it. */
const SCALE_BITS = `
fn roundedBits(bits: u32) -> u32 {
  if (bits == 0u || bits >= 0x7f800000u) { return 0x7fc00000u; }
  if (bits < 0x600000u) { return 0x400000u; }
  let rounded: u32 = (bits + 0x400000u) & 0x7f800000u;
  if (rounded == 0x7f800000u) { return 0x7fc00000u; }
  return rounded;
}`;

/** The float32 bits of the largest finite value. */
function largestBits({ specials, exponentBits, mantissaBits, bias }: FloatFormat): number {
  const topExponent = 2 ** exponentBits - 1 - (specials === 'ieee' ? 1 : 0) - bias;
  const steps = 2 ** mantissaBits - (specials === 'fn' ? 2 : 1);
  const largest = (1 + steps / 2 ** mantissaBits) * 2 ** topExponent;
  return new Uint32Array(Float32Array.of(largest).buffer)[0] ?? 0;
}

function hex(value: number, suffix = 'u'): string {
  return `0x${value.toString(16)}${suffix}`;
}
