import { type DType, dtypeInfo } from '../../../../ndarray/dtype.ts';
import { workingType } from '../../../working-type.ts';
import { storeCode } from './rounding.ts';

/**
 * `fn convert(x)`: an element of one dtype as another stores it, by the rules of an edit's cast step
 * (`convert` of the cpu): one rounding to nearest even; float to integer truncates and saturates, NaN
 * gives 0; to bool is `!= 0`.
 */
export function conversionCode(source: DType, target: DType): string {
  const from = workingType(source);
  const to = workingType(target);
  if (from === 'float32') {
    if (to === 'float32') return [storeCode(target), 'fn convert(x: f32) -> f32 { return store(x); }'].join('\n');
    if (to === 'bool') return FLOAT_TO_BOOL;
    return floatToInteger(target);
  }
  const value = from === 'bool' ? 'select(0, 1, x != 0)' : 'x';
  if (to === 'bool') return 'fn convert(x: i32) -> i32 { return select(0, 1, x != 0); }';
  if (to === 'float32') return integerToFloat(source, target, value);
  return `fn convert(x: i32) -> i32 { return ${saturated(source, target, value)}; }`;
}

const FLOAT_TO_BOOL = 'fn convert(x: f32) -> i32 { return select(0, 1, (bitcast<u32>(x) & 0x7fffffffu) != 0u); }';

function floatToInteger(target: DType): string {
  const { low, high } = boundsOf(target);
  const isWide = target === 'int32';
  // 2^31 - 1 is no float32: all below 2^31 is at most 2^31 - 128.
  return `fn convert(x: f32) -> i32 {
  if ((bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u) { return 0; }
  if (x >= ${isWide ? '2147483648.0' : `${high}.0`}) { return ${high}; }
  if (x <= ${low}.0) { return ${isWide ? '-2147483647 - 1' : low}; }
  return i32(trunc(x));
}`;
}

function integerToFloat(source: DType, target: DType, value: string): string {
  if (source !== 'int32')
    return [storeCode(target), `fn convert(x: i32) -> f32 { return store(f32(${value})); }`].join('\n');
  const isWide = target === 'float32';
  return [
    storeCode(target),
    `
// Up to 24 bits, which float32 has; what is cut off ${isWide ? 'rounds to nearest even' : 'sets the last bit (rounding to odd), so that the next rounding is the only one'}.
fn convert(x: i32) -> f32 {
  let magnitude: u32 = select(u32(x), 0u - u32(x), x < 0);
  var shift: u32 = 0u;
  for (var i: i32 = 0; i < 8; i = i + 1) {
    if ((magnitude >> shift) >= 0x1000000u) { shift = shift + 1u; }
  }
  let whole: u32 = magnitude >> shift;
  let rest: u32 = magnitude & ((1u << shift) - 1u);
  ${
    isWide
      ? `let middle: u32 = (1u << shift) >> 1u;
  let up: bool = rest > middle || (rest == middle && shift > 0u && (whole & 1u) == 1u);
  let cut: u32 = whole + select(0u, 1u, up);`
      : 'let cut: u32 = whole | select(0u, 1u, rest > 0u);'
  }
  let value: f32 = f32(cut) * f32(1u << shift);
  return store(select(value, -value, x < 0));
}`,
  ].join('\n');
}

function saturated(source: DType, target: DType, value: string): string {
  if (source === 'bool') return value;
  const from = boundsOf(source);
  const to = boundsOf(target);
  const low = from.low < to.low ? `max(${value}, ${to.low})` : value;
  return from.high > to.high ? `min(${low}, ${to.high})` : low;
}

function boundsOf(dtype: DType): { readonly low: number; readonly high: number } {
  const { kind, bits } = dtypeInfo(dtype);
  return kind === 'int' ? { low: -(2 ** (bits - 1)), high: 2 ** (bits - 1) - 1 } : { low: 0, high: 2 ** bits - 1 };
}
