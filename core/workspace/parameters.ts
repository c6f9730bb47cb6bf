import { cpu } from '../device/device.ts';
import type { DeviceRuntime } from '../device/runtime.ts';
import { CancelledError } from '../errors.ts';
import { bytesFor, type DType, isPacked } from '../ndarray/dtype.ts';
import { type LazyTensor, resultDType } from '../ndarray/lazy-tensor.ts';
import { elementCount, type Shape } from '../ndarray/shape.ts';
import type { ChunkOptions, LazySource, SourceChunk } from '../parameter/lazy-source.ts';
import { Parameter } from '../parameter/parameter.ts';
import type { TensorEngine, WorkOptions } from '../stats/engine.ts';
import type { TensorChange } from './state/tensor-state.ts';
import type { DeviceCopy, ParameterSummary } from './summary.ts';

/** Bytes that are on their way from the file to a device at once, per read. */
const CHUNK_BYTES = 8 * 1024 * 1024;

interface Held {
  readonly parameter: Parameter;
  /** What the Parameter was made for; a tensor of another name or dtype needs another Parameter. */
  readonly name: string;
  readonly dtype: DType;
}

export interface ParameterContext {
  readonly runtime: DeviceRuntime;
  readonly engine: TensorEngine;
  /** The current value of a tensor. */
  readonly lazy: (id: number) => LazyTensor;
  readonly nameOf: (id: number) => string;
  /** File name, for messages. */
  readonly fileName: () => string;
}

/**
 * The Parameters of a document, one per tensor, made when somebody first asks. Each is deferred with
 * the tensor's current value as its source, so a later edit or save needs no new Parameter.
 */
export class DocumentParameters {
  readonly #context: ParameterContext;
  readonly #held = new Map<number, Held>();
  /** Tensors whose copies were dropped because the value changed under them. */
  readonly #outdated = new Set<number>();

  constructor(context: ParameterContext) {
    this.#context = context;
  }

  async summary(id: number): Promise<ParameterSummary> {
    const parameter = this.#parameter(id);
    const copies = await Promise.all(
      parameter.copies().map(
        async ({ device, dtype, bytes, norm }): Promise<DeviceCopy> => ({
          device: String(device),
          dtype,
          bytes,
          norm: await norm(),
        }),
      ),
    );
    return { status: parameter.status, reason: this.#reason(id, parameter), gradReq: parameter.gradReq, copies };
  }

  async load(id: number, options: WorkOptions): Promise<ParameterSummary> {
    await this.#parameter(id).finishDeferredInit(options);
    this.#outdated.delete(id);
    return await this.summary(id);
  }

  async unload(id: number): Promise<ParameterSummary> {
    this.#held.get(id)?.parameter.release();
    this.#outdated.delete(id);
    return await this.summary(id);
  }

  /** Drops copies that no longer are the tensor's value; returns the tensors that had some. */
  valuesChanged(changes: readonly TensorChange[]): number[] {
    const dropped: number[] = [];
    for (const { before, after } of changes) {
      const id = before?.id ?? after?.id;
      const held = id === undefined ? undefined : this.#held.get(id);
      if (id === undefined || !held || (before && after && before.steps === after.steps)) continue;
      if (held.parameter.status === 'initialized') {
        this.#outdated.add(id);
        dropped.push(id);
      }
      held.parameter.release();
      this.#held.delete(id);
    }
    return dropped;
  }

  releaseAll(): void {
    for (const { parameter } of this.#held.values()) parameter.release();
    this.#held.clear();
    this.#outdated.clear();
  }

  #parameter(id: number): Parameter {
    const name = this.#context.nameOf(id);
    const dtype = resultDType(this.#context.lazy(id));
    const held = this.#held.get(id);
    if (held && held.dtype === dtype && (held.name === name || held.parameter.status === 'initialized')) {
      return held.parameter;
    }
    const { runtime } = this.#context;
    const source = new TensorSource(id, this.#context);
    const parameter = Parameter.fromSource(name, source, { gradReq: 'null', runtime, device: cpu() });
    this.#held.set(id, { parameter, name, dtype });
    return parameter;
  }

  #reason(id: number, { status }: Parameter): string {
    const file = this.#context.fileName();
    if (status === 'initialized') return `Loaded from ${file}.`;
    if (this.#outdated.has(id)) return 'The value was edited after it was loaded; load it again.';
    const dtype = resultDType(this.#context.lazy(id));
    if (isPacked(dtype)) {
      return `The value is in ${file}. Its elements share bytes (${dtype}): cast it first, for example to float32, to load it.`;
    }
    return `The value is in ${file} and has not been read; Load reads it onto cpu(0).`;
  }
}

/** The current value of a tensor of the document, whatever edits and saves come before it is read. */
class TensorSource implements LazySource {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly nbytes: number;
  readonly #id: number;
  readonly #context: ParameterContext;

  constructor(id: number, context: ParameterContext) {
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
