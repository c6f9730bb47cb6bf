import { convert } from '../convert.ts';
import { DeviceArray } from '../device-array.ts';
import type { GpuArray } from './gpu-array.ts';
import { elementTypeOf } from './gpu-device.ts';
import { programOf } from './program.ts';
import { conversionCode } from './shaders/conversion.ts';

/** All elements of `source`, cast, become those of `target`, which has as many; the devices may differ. */
export async function take(source: GpuArray, target: GpuArray): Promise<void> {
  if (source.device !== target.device) {
    await copyOver(source, target);
  } else if (source.dtype === target.dtype) {
    target.share(source);
  } else if (source.isZero && target.dtype !== 'float8_e8m0fnu') {
    target.clear();
  } else if (source.isNative && target.isNative) {
    const program = programOf({
      name: `cast_${source.dtype}_${target.dtype}`,
      inputs: [elementTypeOf(source.dtype)],
      output: elementTypeOf(target.dtype),
      code: [
        conversionCode(source.dtype, target.dtype),
        `fn element(index: i32) -> ${elementTypeOf(target.dtype)} { return convert(fetchA(index)); }`,
      ],
    });
    target.setTensor(target.device.run({ program, inputs: [source.tensor], count: target.size }));
  } else {
    target.adopt(await cast(source, target));
  }
}

/** Elements that go from one device to another at a time. */
const PIECE = 2 ** 20;

/** Between devices of one worker, in pieces through its memory. */
async function copyOver(source: GpuArray, target: GpuArray): Promise<void> {
  if (source.isZero && target.dtype !== 'float8_e8m0fnu') {
    target.clear();
    return;
  }
  for (let start = 0; start < source.size; start += PIECE) {
    const piece = await source.read(start, Math.min(PIECE, source.size - start));
    await target.prepareWrite();
    const chunk = source.dtype === target.dtype ? piece : converted(piece, target);
    target.write(start, chunk);
    if (chunk !== piece) chunk.dispose();
    piece.dispose();
    await target.device.throttle();
  }
}

async function cast(source: GpuArray, target: GpuArray): Promise<DeviceArray> {
  const elements = await source.readAll();
  const result = new DeviceArray(target.dtype, target.shape);
  convert(elements, result);
  elements.dispose();
  return result;
}

function converted(piece: DeviceArray, { dtype }: GpuArray): DeviceArray {
  const result = new DeviceArray(dtype, piece.shape);
  convert(piece, result);
  return result;
}
