import { InvalidStateError } from '../../errors.ts';
import type { DType } from '../../ndarray/dtype.ts';
import { bytesFor } from '../../ndarray/dtype.ts';
import type { Shape } from '../../ndarray/shape.ts';
import type { Census, DeviceSurvey, Handle, MemoryOp, MemoryQuery } from '../protocol.ts';
import { convert, take } from './convert.ts';
import { DeviceArray } from './device-array.ts';
import { distance } from './distance.ts';
import type { DeviceHost, MemoryAnswer } from './host.ts';
import './operators/all.ts';
import { kernelOf } from './operators/registry.ts';
import { mean, norm } from './reduce.ts';
import { statistics } from './statistics.ts';
import { readBytes, writeBytes } from './storage-bytes.ts';
import { tf } from './tensorflow.ts';

/** All arrays of the cpu devices by handle: they are one memory, whatever their numbers. */
export class DeviceMemory implements DeviceHost {
  readonly #arrays = new Map<Handle, DeviceArray>();
  readonly #survey: () => DeviceSurvey;

  /** `survey` describes the processor, which the operating system knows. */
  constructor(survey: () => DeviceSurvey) {
    this.#survey = survey;
  }

  run(op: MemoryOp): void {
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
        this.#arrays.get(op.handle)?.dispose();
        this.#arrays.delete(op.handle);
        return;
    }
  }

  answer(query: MemoryQuery): MemoryAnswer {
    switch (query.kind) {
      case 'read':
        return readBytes(this.#array(query.handle), query.start, query.count, query.form);
      case 'norm':
        return norm(this.#array(query.handle));
      case 'statistics':
        return statistics(this.#array(query.handle));
      case 'distance':
        return distance(this.#array(query.handle), this.#array(query.other));
      case 'census':
        return this.#census();
      case 'devices':
        return this.#survey();
    }
  }

  #invoke({ name, inputs, outputs, attributes }: Extract<MemoryOp, { kind: 'invoke' }>): void {
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

  #upload(array: DeviceArray, { dtype, offset, bytes }: Extract<MemoryOp, { kind: 'upload' }>): void {
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

  #array(handle: Handle): DeviceArray {
    const array = this.#arrays.get(handle);
    if (!array) throw new InvalidStateError(`The device holds no array ${handle}.`);
    return array;
  }

  #census(): Census {
    let bytes = 0;
    for (const array of this.#arrays.values()) bytes += array.bytes;
    return { arrays: this.#arrays.size, tensors: tf.memory().numTensors, bytes };
  }
}
