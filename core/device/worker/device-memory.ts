import { InvalidStateError, ParascopeError } from '../../errors.ts';
import type { DType } from '../../ndarray/dtype.ts';
import { bytesFor } from '../../ndarray/dtype.ts';
import type { Shape } from '../../ndarray/shape.ts';
import { type Answers, type Census, type Handle, type Op, type Query, writtenBy } from '../protocol.ts';
import { convert, take } from './convert.ts';
import { DeviceArray } from './device-array.ts';
import './operators/all.ts';
import { kernelOf } from './operators/registry.ts';
import { mean, norm } from './reduce.ts';
import { readBytes, writeBytes } from './storage-bytes.ts';
import { tf } from './tensorflow.ts';

/**
 * All arrays of one worker by handle. An op that fails spoils the array that it writes; ops on
 * spoiled arrays spoil their results with the same error, and queries throw it.
 */
export class DeviceMemory {
  readonly #arrays = new Map<Handle, DeviceArray>();
  readonly #spoiled = new Map<Handle, ParascopeError>();
  /** Errors that spread from array to array are one failure, reported once. */
  readonly #seen = new WeakSet<ParascopeError>();
  /** Errors that no query has thrown yet, oldest first. */
  readonly #unreported = new Set<ParascopeError>();

  run(op: Op): void {
    try {
      this.#apply(op);
    } catch (cause) {
      const error = asParascopeError(cause);
      for (const handle of writtenBy(op)) {
        this.#discard(handle);
        this.#spoiled.set(handle, error);
      }
      if (!this.#seen.has(error)) this.#unreported.add(error);
      this.#seen.add(error);
    }
  }

  /** Throws the error of an op where it spoiled what is asked for. */
  answer(query: Query): Answers[keyof Answers] {
    switch (query.kind) {
      case 'read':
        return readBytes(this.#report(query.handle), query.start, query.count, query.form);
      case 'norm':
        return norm(this.#report(query.handle));
      case 'sync':
        for (const handle of query.handles) this.#report(handle);
        return null;
      case 'waitAll': {
        const [first] = this.#unreported;
        this.#unreported.clear();
        if (first) throw first;
        return null;
      }
      case 'census':
        return this.#census();
    }
  }

  #apply(op: Op): void {
    switch (op.kind) {
      case 'create':
        this.#create(op.handle, op.dtype, op.shape);
        return;
      case 'upload':
        this.#upload(this.#array(op.handle), op);
        return;
      case 'zero':
        this.#array(op.handle).clear();
        return;
      case 'cast': {
        const source = this.#array(op.source);
        take(source, this.#create(op.handle, op.dtype, source.shape));
        return;
      }
      case 'assign':
        take(this.#array(op.source), this.#array(op.handle));
        return;
      case 'mean': {
        const sources = op.sources.map((handle) => this.#array(handle));
        const [first] = sources;
        if (first) mean(sources, this.#create(op.handle, first.dtype, first.shape));
        return;
      }
      case 'invoke':
        this.#invoke(op);
        return;
      case 'free':
        this.#discard(op.handle);
        this.#spoiled.delete(op.handle);
        return;
    }
  }

  #invoke({ name, inputs, outputs, attributes }: Extract<Op, { kind: 'invoke' }>): void {
    const kernel = kernelOf(name);
    const sources = inputs.map((handle) => this.#array(handle));
    const targets = outputs.map(({ handle, shape, dtype, isNew }) => {
      if (isNew) return this.#create(handle, dtype, shape);
      const target = this.#array(handle);
      target.detach();
      return target;
    });
    tf.tidy(() => {
      kernel(sources, attributes, targets);
    });
  }

  #create(handle: Handle, dtype: DType, shape: Shape): DeviceArray {
    const array = new DeviceArray(dtype, shape);
    this.#arrays.set(handle, array);
    return array;
  }

  #upload(array: DeviceArray, { dtype, offset, bytes }: Extract<Op, { kind: 'upload' }>): void {
    if (bytes.byteLength === bytesFor(dtype, array.size)) array.discard();
    else array.detach();
    if (dtype === array.dtype) {
      writeBytes(array, offset, bytes);
      return;
    }
    const chunk = new DeviceArray(dtype, [bytes.byteLength / bytesFor(dtype, 1)]);
    try {
      writeBytes(chunk, 0, bytes);
      convert(chunk, array, offset);
    } finally {
      chunk.dispose();
    }
  }

  /** The array, or the error that spoiled it. */
  #array(handle: Handle): DeviceArray {
    const error = this.#spoiled.get(handle);
    if (error) throw error;
    const array = this.#arrays.get(handle);
    if (!array) throw new InvalidStateError(`The device holds no array ${handle}.`);
    return array;
  }

  #report(handle: Handle): DeviceArray {
    const error = this.#spoiled.get(handle);
    if (error) this.#unreported.delete(error);
    return this.#array(handle);
  }

  #discard(handle: Handle): void {
    this.#arrays.get(handle)?.dispose();
    this.#arrays.delete(handle);
  }

  #census(): Census {
    let bytes = 0;
    for (const array of this.#arrays.values()) bytes += array.bytes;
    return { arrays: this.#arrays.size, tensors: tf.memory().numTensors, bytes };
  }
}

export function asParascopeError(cause: unknown): ParascopeError {
  if (cause instanceof ParascopeError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new InvalidStateError(`The device worker failed: ${message}`);
}
