import type { AxisRange } from '../../ndarray/lazy-tensor.ts';
import { elementCount, stridesOf } from '../../ndarray/shape.ts';
import { laneBytes, lanesOf } from '../lanes.ts';
import { type PieceContext, tensorOf } from './context.ts';
import { type GatherAxis, Gatherer } from './gather.ts';

/** The lanes of a basic slice in C order. */
export function cells(context: PieceContext, { ranges }: { readonly ranges: readonly AxisRange[] }): Uint8Array {
  const tensor = tensorOf(context);
  const strides = stridesOf(tensor.shape);
  const counts = ranges.map((range) => range.count);
  const outStrides = stridesOf(counts);
  const wordsPerLane = laneBytes(lanesOf(tensor.dtype)) / 4;
  const words = new Int32Array(elementCount(counts) * wordsPerLane);
  let first = 0;
  let out = 0;
  const axes: GatherAxis[] = ranges.map(({ start, count, step }, axis) => {
    const stride = strides[axis] ?? 1;
    const outStride = outStrides[axis] ?? 1;
    first += (step < 0 ? start + (count - 1) * step : start) * stride;
    if (step < 0) out += (count - 1) * outStride;
    return { count, stride: stride * Math.abs(step), out: step < 0 ? -outStride : outStride };
  });
  const source = { memory: context.memory, tensor, onRead: (bytes: number) => context.advance(bytes) };
  new Gatherer(source, { words, wordsPerLane }).gather(first, axes, out);
  return new Uint8Array(words.buffer);
}
