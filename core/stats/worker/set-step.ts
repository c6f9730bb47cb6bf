import { type DType, dtypeInfo } from '../../ndarray/dtype.ts';
import type { AxisRange } from '../../ndarray/lazy-tensor.ts';
import { type Shape, stridesOf } from '../../ndarray/shape.ts';

/** One axis of the affected elements, in ascending order whatever the slice's sign. */
interface SetAxis {
  readonly count: number;
  /** Elements of the tensor from one index to the next. */
  readonly stride: number;
  /** Elements of the data from one index to the next; negative where the slice runs backwards. */
  readonly dataStride: number;
  /** How far the axes inside this one reach, in elements. */
  readonly reach: number;
}

/** A `set` step made ready: it writes only those elements that fall into a chunk. */
export class SetStep {
  readonly #axes: readonly SetAxis[];
  readonly #first: number;
  readonly #dataFirst: number;
  readonly #data: Uint8Array;
  readonly itemsize: number;

  constructor(step: { readonly ranges: readonly AxisRange[]; readonly data: string }, shape: Shape, dtype: DType) {
    this.itemsize = dtypeInfo(dtype).bits / 8;
    this.#data = Buffer.from(step.data, 'base64');
    const single = this.#data.length === this.itemsize;
    const strides = stridesOf(shape);
    const dataStrides = stridesOf(step.ranges.map((range) => range.count));
    const axes: SetAxis[] = [];
    let first = 0;
    let dataFirst = 0;
    let reach = 0;
    for (let axis = step.ranges.length - 1; axis >= 0; axis--) {
      const range = step.ranges[axis];
      if (range === undefined) break;
      const { start, count, step: by } = range;
      const stride = (strides[axis] ?? 1) * Math.abs(by);
      const dataStride = single ? 0 : (dataStrides[axis] ?? 1);
      first += (by < 0 ? start + (count - 1) * by : start) * (strides[axis] ?? 1);
      if (by < 0) dataFirst += (count - 1) * dataStride;
      axes.unshift({ count, stride, dataStride: by < 0 ? -dataStride : dataStride, reach });
      reach += (count - 1) * stride;
    }
    this.#axes = axes;
    this.#first = first;
    this.#dataFirst = dataFirst;
  }

  /** Writes into `chunk`, the storage bytes of the elements from `start` on. */
  apply(chunk: Uint8Array, start: number): void {
    if (this.#axes.some((axis) => axis.count === 0)) return;
    const stop = start + chunk.length / this.itemsize;
    this.#walk({ chunk, start, stop }, 0, { position: this.#first, source: this.#dataFirst });
  }

  #walk(
    target: { readonly chunk: Uint8Array; readonly start: number; readonly stop: number },
    depth: number,
    at: { readonly position: number; readonly source: number },
  ): void {
    const axis = this.#axes[depth];
    if (axis === undefined) {
      const scalar = { count: 1, stride: 1, dataStride: 1 };
      if (at.position >= target.start && at.position < target.stop) this.#write(target, scalar, at);
      return;
    }
    const low = Math.max(0, Math.ceil((target.start - axis.reach - at.position) / axis.stride));
    const high = Math.min(axis.count, Math.ceil((target.stop - at.position) / axis.stride));
    if (low >= high) return;
    if (depth === this.#axes.length - 1) {
      const from = { position: at.position + low * axis.stride, source: at.source + low * axis.dataStride };
      this.#write(target, { ...axis, count: high - low }, from);
      return;
    }
    for (let index = low; index < high; index++) {
      this.#walk(target, depth + 1, {
        position: at.position + index * axis.stride,
        source: at.source + index * axis.dataStride,
      });
    }
  }

  #write(
    target: { readonly chunk: Uint8Array; readonly start: number },
    run: { readonly count: number; readonly stride: number; readonly dataStride: number },
    at: { readonly position: number; readonly source: number },
  ): void {
    const size = this.itemsize;
    const to = (at.position - target.start) * size;
    const from = at.source * size;
    if (run.stride === 1 && run.dataStride === 1) {
      target.chunk.set(this.#data.subarray(from, from + run.count * size), to);
      return;
    }
    if (run.stride === 1 && run.dataStride === 0) {
      fillPattern(target.chunk.subarray(to, to + run.count * size), this.#data);
      return;
    }
    for (let k = 0; k < run.count; k++) {
      const source = from + k * run.dataStride * size;
      const destination = to + k * run.stride * size;
      for (let b = 0; b < size; b++) target.chunk[destination + b] = this.#data[source + b] ?? 0;
    }
  }
}

/** Repeats `element` over `target`, whose length is a multiple of its size. */
export function fillPattern(target: Uint8Array, element: Uint8Array): void {
  if (target.length === 0) return;
  target.set(element);
  for (let done = element.length; done < target.length; done *= 2) target.copyWithin(done, 0, done);
}
