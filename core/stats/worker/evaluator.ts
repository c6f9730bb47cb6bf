import { bytesFor, type DType, dtypeInfo, groupElements } from '../../ndarray/dtype.ts';
import { type LazyTensor, resultDType, type TensorStep } from '../../ndarray/lazy-tensor.ts';
import { elementCount, type Shape } from '../../ndarray/shape.ts';
import { lanesOf } from '../lanes.ts';
import { convertLanes, decode, encode } from './codec.ts';
import { ADDRESS, CHUNK_ELEMENTS, type KernelMemory, STORED_BYTES } from './kernel-memory.ts';
import { fillPattern, SetStep } from './set-step.ts';
import { readSparse } from './sparse.ts';
import type { TensorFile } from './tensor-file.ts';
import { prepareTables } from './value-tables.ts';

/** A larger factor takes every integer but 0 out of range, as this one does. */
const MAX_UINT64 = 2n ** 64n - 1n;

type PreparedStep =
  | { readonly kind: 'cast'; readonly from: DType; readonly to: DType }
  | { readonly kind: 'fill'; readonly element: Uint8Array }
  | { readonly kind: 'scale'; readonly dtype: DType; readonly factor: number }
  | { readonly kind: 'set'; readonly step: SetStep };

/** Nothing before the last fill matters: its value is all there is. */
function effectiveSteps(steps: readonly TensorStep[]): {
  readonly steps: readonly TensorStep[];
  readonly from: number;
} {
  const from = steps.findLastIndex((step) => step.kind === 'fill');
  return from < 0 ? { steps, from: 0 } : { steps: steps.slice(from), from };
}

function prepare(step: TensorStep, dtype: DType, shape: Shape): PreparedStep | null {
  switch (step.kind) {
    case 'cast':
      return step.dtype === dtype ? null : { kind: 'cast', from: dtype, to: step.dtype };
    case 'fill':
      return { kind: 'fill', element: Buffer.from(step.element, 'base64') };
    case 'scale':
      return { kind: 'scale', dtype, factor: step.factor };
    case 'set':
      return { kind: 'set', step: new SetStep(step, shape, dtype) };
  }
}

function groupOfStep(step: TensorStep): number {
  return step.kind === 'cast' ? groupElements(step.dtype) : 1;
}

/** Reads ranges of one tensor and applies its steps, in a slot of the worker's memory. */
export class Evaluator {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly storedBits: number;
  /** How many elements `storage` gives at once; where they are to be decoded, no more than `CHUNK_ELEMENTS` may be asked for. */
  readonly mostStored: number;
  readonly #memory: KernelMemory;
  readonly #tensor: LazyTensor;
  readonly #file: TensorFile | null;
  readonly #steps: readonly PreparedStep[];
  readonly #storage: number;
  readonly #lanes: number;
  /** Elements that have to be evaluated together: those of the largest group that the stored value or a step has. */
  readonly #group: number;
  readonly #count: number;

  /** `openFile` is called only where stored bytes are needed. */
  constructor(memory: KernelMemory, tensor: LazyTensor, source: { slot: 0 | 1; openFile: () => TensorFile }) {
    this.#memory = memory;
    this.#tensor = tensor;
    this.dtype = resultDType(tensor);
    this.shape = tensor.shape;
    this.storedBits = dtypeInfo(tensor.dtype).bits;
    this.#storage = ADDRESS.storage[source.slot];
    this.#lanes = ADDRESS.lanes[source.slot];
    const effective = effectiveSteps(tensor.steps);
    let dtype = resultDType({ ...tensor, steps: tensor.steps.slice(0, effective.from) });
    const steps: PreparedStep[] = [];
    prepareTables(memory, dtype);
    for (const step of effective.steps) {
      const prepared = prepare(step, dtype, tensor.shape);
      if (prepared !== null) steps.push(prepared);
      if (step.kind === 'cast') dtype = step.dtype;
      prepareTables(memory, dtype);
    }
    this.#steps = steps;
    this.#group = Math.max(groupElements(tensor.dtype), ...effective.steps.map(groupOfStep));
    this.#count = elementCount(tensor.shape);
    const asStored = steps.length === 0 && this.#group === 1;
    this.mostStored = asStored ? STORED_BYTES / bytesFor(tensor.dtype, 1) : CHUNK_ELEMENTS;
    this.#file = steps[0]?.kind === 'fill' ? null : source.openFile();
  }

  /** Throws `FileChangedError` where the file is no longer the one that was opened. */
  verify(): void {
    this.#file?.verify();
  }

  /**
   * Evaluates the elements `[start, start + count)`, at most `mostStored`, and returns the address of
   * their storage bytes in `dtype`. Where `dtype` is packed or quantized, `start` is a multiple of its group.
   */
  storage(start: number, count: number): number {
    const { region, dtype, sparse } = this.#tensor;
    const early = start % this.#group;
    const first = start - early;
    const n = Math.min(Math.ceil((early + count) / this.#group) * this.#group, this.#count - first);
    if (this.#file !== null) {
      const target = this.#memory.bytes.subarray(this.#storage, this.#storage + bytesFor(dtype, n));
      if (sparse) readSparse(this.#file, this.#tensor, { start: first, count: n, target });
      else this.#file.read(target, region.offset + bytesFor(dtype, first));
    }
    for (const step of this.#steps) this.#apply(step, first, n);
    return this.#storage + bytesFor(this.dtype, early);
  }

  /** The lanes of `n` elements whose storage bytes `storage` put at `at`. */
  decodeStored(at: number, n: number): number {
    return decode(this.#memory.kernels, this.dtype, { src: at, dst: this.#lanes, n });
  }

  /** Evaluates the elements `[start, start + count)` and returns the address of their lanes. */
  lanes(start: number, count: number): number {
    const early = start % groupElements(this.dtype);
    const n = count + early;
    // What is addressed in groups has lanes of 8 bytes.
    return this.decodeStored(this.storage(start - early, n), n) + early * 8;
  }

  #apply(step: PreparedStep, start: number, count: number): void {
    switch (step.kind) {
      case 'cast':
        this.#cast(step.from, step.to, count);
        return;
      case 'fill':
        fillPattern(this.#bytes(count * step.element.length), step.element);
        return;
      case 'scale':
        this.#scale(step.dtype, step.factor, count);
        return;
      case 'set':
        step.step.apply(this.#bytes(count * step.step.itemsize), start);
        return;
    }
  }

  #bytes(length: number): Uint8Array {
    return this.#memory.bytes.subarray(this.#storage, this.#storage + length);
  }

  #cast(from: DType, to: DType, n: number): void {
    const { kernels } = this.#memory;
    let at = decode(kernels, from, { src: this.#storage, dst: this.#lanes, n });
    if (at !== this.#lanes && lanesOf(from) !== lanesOf(to)) {
      // Widening to complex doubles the bytes: it must not run over the storage of the chunk.
      this.#memory.bytes.copyWithin(this.#lanes, at, at + n * 16);
      at = this.#lanes;
    }
    convertLanes(kernels, { from: lanesOf(from), target: to, at, n });
    encode(this.#memory, to, { src: at, dst: this.#storage, n });
  }

  #scale(dtype: DType, factor: number, n: number): void {
    const { kernels } = this.#memory;
    const at = decode(kernels, dtype, { src: this.#storage, dst: this.#lanes, n });
    const lanes = lanesOf(dtype);
    if (lanes === 'complex128') kernels.scaleF64(at, 2 * n, factor);
    else if (lanes === 'float64') {
      if (dtypeInfo(dtype).kind === 'float' || dtype === 'bool') kernels.scaleF64(at, n, factor);
      else kernels.scaleRounded(at, n, factor);
    } else this.#scaleInteger(lanes, { at, n, factor });
    encode(this.#memory, dtype, { src: at, dst: this.#storage, n });
  }

  #scaleInteger(lanes: 'int64' | 'uint64', { at, n, factor }: { at: number; n: number; factor: number }): void {
    const { kernels } = this.#memory;
    if (Number.isInteger(factor)) {
      const whole = BigInt(Math.abs(factor));
      const magnitude = whole < MAX_UINT64 ? whole : MAX_UINT64;
      if (lanes === 'int64') kernels.scaleI64(at, n, magnitude, factor < 0 ? 1 : 0);
      else kernels.scaleU64(at, n, magnitude, factor < 0 ? 1 : 0);
      return;
    }
    if (lanes === 'int64') kernels.i64ToF64(at, at, n);
    else kernels.u64ToF64(at, at, n);
    kernels.scaleRounded(at, n, factor);
    if (lanes === 'int64') kernels.f64ToI64(at, at, n);
    else kernels.f64ToU64(at, at, n);
  }
}
