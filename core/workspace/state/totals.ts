import { bytesFor, type DType } from '../../ndarray/dtype.ts';
import type { DocumentTotals } from '../summary.ts';

interface Sum {
  tensors: number;
  elements: number;
  bytes: number;
}

/** Running totals by dtype: adding or taking away one tensor costs the same whatever the document's size. */
export class TotalsCounter {
  readonly #byDType = new Map<DType, Sum>();

  add(dtype: DType, elements: number): void {
    this.#count(dtype, elements, 1);
  }

  remove(dtype: DType, elements: number): void {
    this.#count(dtype, elements, -1);
  }

  #count(dtype: DType, elements: number, sign: 1 | -1): void {
    const sum = this.#byDType.get(dtype) ?? { tensors: 0, elements: 0, bytes: 0 };
    sum.tensors += sign;
    sum.elements += sign * elements;
    sum.bytes += sign * bytesFor(dtype, elements);
    this.#byDType.set(dtype, sum);
  }

  totals(): DocumentTotals {
    const byDType = [...this.#byDType]
      .filter(([, sum]) => sum.tensors > 0)
      .map(([dtype, sum]) => ({ dtype, ...sum }))
      .sort((a, b) => b.bytes - a.bytes || a.dtype.localeCompare(b.dtype));
    const all = { tensors: 0, elements: 0, bytes: 0 };
    for (const { tensors, elements, bytes } of byDType) {
      all.tensors += tensors;
      all.elements += elements;
      all.bytes += bytes;
    }
    return { ...all, byDType };
  }
}
