/** Float64 lanes to blocks, as ggml's reference quantizes (ggml/src/ggml-quants.c, `quantize_row_*_ref`). */
import { floatToHalf } from '../half';

/**
 * 32 signed bytes and a float16 scale to a block. All is computed in float32, to which lanes round first.
 * A block with a NaN or an infinity has a scale of the same, so that it stands out when it is read again.
 */
export function quantizeQ8x0(src: usize, dst: usize, blocks: usize): void {
  for (let b: usize = 0; b < blocks; b++, src += 256, dst += 34) {
    let largest: f32 = 0;
    // `max` passes NaN on.
    for (let i: usize = 0; i < 256; i += 8) largest = max<f32>(largest, abs<f32>(<f32>load<f64>(src + i)));
    const scale = largest / 127;
    const inverse: f32 = scale != 0 ? <f32>1 / scale : 0;
    store<u16>(dst, <u16>floatToHalf(scale));
    for (let i: usize = 0; i < 32; i++) {
      store<i8>(dst + i, roundedByte(<f32>load<f64>(src + (i << 3)) * inverse), 2);
    }
  }
}

/** To nearest, halves away from zero; 0 where `x` is no number. */
function roundedByte(x: f32): i8 {
  const magnitude = abs<f32>(x);
  if (!(magnitude < 128)) return 0;
  const whole = floor<f32>(magnitude);
  const rounded = <i32>(whole + floor<f32>(2 * (magnitude - whole)));
  return <i8>(x < 0 ? -rounded : rounded);
}
