import { CancelledError } from '../errors.ts';
import { bytesFor, type DType } from '../ndarray/dtype.ts';
import { type FileRegion, type LazyTensor, resultDType } from '../ndarray/lazy-tensor.ts';
import { elementCount, type Shape } from '../ndarray/shape.ts';
import type { ChunkOptions, LazySource, SourceChunk } from '../parameter/lazy-source.ts';
import type { TensorEngine } from '../stats/engine.ts';

/** Bytes that are on their way from the file to a device at once, per read. */
const CHUNK_BYTES = 8 * 1024 * 1024;

export interface SourceContext {
  readonly engine: TensorEngine;
  /** The current value of a tensor. */
  readonly lazy: (id: number) => LazyTensor;
  /** File name, for messages. */
  readonly fileName: () => string;
}

/** The current value of a tensor of the document, whatever edits and saves come before it is read. */
export class TensorSource implements LazySource {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly nbytes: number;
  readonly #id: number;
  readonly #context: SourceContext;

  constructor(id: number, context: SourceContext) {
    const tensor = context.lazy(id);
    this.#id = id;
    this.#context = context;
    this.dtype = resultDType(tensor);
    this.shape = tensor.shape;
    this.nbytes = bytesFor(this.dtype, elementCount(tensor.shape));
  }

  describe(): string {
    return `the file ${this.#context.fileName()}`;
  }

  region(): FileRegion | null {
    const { dtype, steps, packed, sparse, region } = this.#context.lazy(this.#id);
    const isPlain = steps.length === 0 && !packed && !sparse && dtype === this.dtype;
    return isPlain && region.nbytes === this.nbytes && this.nbytes > 0 ? region : null;
  }

  async *chunks({ signal }: ChunkOptions = {}): AsyncGenerator<SourceChunk> {
    const tensor = this.#context.lazy(this.#id);
    const count = elementCount(tensor.shape);
    const step = Math.max(8, Math.floor(CHUNK_BYTES / Math.max(1, bytesFor(this.dtype, 1))));
    for (let elementOffset = 0; elementOffset < count; elementOffset += step) {
      if (signal?.aborted) throw new CancelledError();
      const length = Math.min(step, count - elementOffset);
      const bytes = await this.#context.engine.read(tensor, elementOffset, length, { signal, priority: 'background' });
      yield { elementOffset, bytes };
    }
  }
}
