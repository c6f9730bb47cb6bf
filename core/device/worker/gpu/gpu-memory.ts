import { DeviceLostError, InvalidStateError } from '../../../errors.ts';
import { bytesFor, type DType } from '../../../ndarray/dtype.ts';
import type { Shape } from '../../../ndarray/shape.ts';
import {
  type Census,
  type Configuration,
  type DeviceName,
  type Handle,
  type MemoryOp,
  type MemoryQuery,
  neededBy,
  writtenBy,
} from '../../protocol.ts';
import { convert } from '../convert.ts';
import { DeviceArray } from '../device-array.ts';
import type { DeviceHost, MemoryAnswer } from '../host.ts';
import { readBytes, writeBytes } from '../storage-bytes.ts';
import { tf } from '../tensorflow.ts';
import { take } from './cast.ts';
import { GpuArray } from './gpu-array.ts';
import type { GpuDevice } from './gpu-device.ts';
import { GpuDevices } from './gpu-devices.ts';
import { runKernel } from './kernels.ts';
import './operators/all.ts';
import { mean } from './mean.ts';
import { distance, norm } from './norm.ts';
import { statistics } from './statistics.ts';

/** From this size on the driver is asked whether it has the memory before work goes on. */
const GUARDED_BYTES = 4 * 2 ** 20;

/** How long a failed op waits for the news that its device is lost. */
const LOSS_MS = 200;

export interface GpuMemoryOptions {
  /** Called when devices lost all their arrays. */
  readonly onLost: (devices: readonly DeviceName[], reason: string) => void;
  /** Called with the name of each operator that the processor runs in the GPU's place. */
  readonly onProcessor?: (name: string) => void;
}

/** All arrays of the GPUs of one worker by handle. */
export class GpuMemory implements DeviceHost {
  readonly #arrays = new Map<Handle, GpuArray>();
  readonly #lost = new Map<Handle, DeviceLostError>();
  readonly #devices: GpuDevices;

  readonly #onProcessor: ((name: string) => void) | undefined;

  constructor({ onLost, onProcessor }: GpuMemoryOptions) {
    this.#onProcessor = onProcessor;
    this.#devices = new GpuDevices((device, reason) => {
      this.#forget(device, reason);
      onLost([device.name], reason);
    });
  }

  configure({ logicalGpus }: Configuration): void {
    this.#devices.configure(logicalGpus);
  }

  /** The devices that are in use, for tests of their loss. */
  get openDevices(): readonly GpuDevice[] {
    return this.#devices.opened;
  }

  async run(op: MemoryOp): Promise<void> {
    if (op.kind === 'free') {
      this.#free(op.handle);
      return;
    }
    tf.engine().startScope();
    try {
      await this.#apply(op);
    } catch (error) {
      await this.#throwLoss(namedBy(op));
      throw error;
    } finally {
      tf.engine().endScope();
    }
    for (const device of this.#devices.opened) device.trim();
  }

  async answer(query: MemoryQuery): Promise<MemoryAnswer> {
    switch (query.kind) {
      case 'read':
        return this.#ask([query.handle], async (array) => {
          const piece = await array.read(query.start, query.count);
          const bytes = readBytes(piece, 0, query.count, query.form);
          piece.dispose();
          return bytes;
        });
      case 'norm':
        return this.#ask([query.handle], norm);
      case 'statistics':
        return this.#ask([query.handle], statistics);
      case 'distance':
        return this.#ask([query.handle, query.other], distance);
      case 'census':
        return this.#census();
      case 'devices':
        return this.#devices.survey();
    }
  }

  async finish(): Promise<void> {
    for (const device of this.#devices.opened) await device.finish();
  }

  async #apply(op: Exclude<MemoryOp, { kind: 'free' }>): Promise<void> {
    switch (op.kind) {
      case 'create':
        await this.#create(op);
        return;
      case 'upload':
        await this.#upload(this.#array(op.handle), op);
        return;
      case 'zero':
        this.#array(op.handle).clear();
        return;
      case 'cast': {
        const source = this.#array(op.source);
        const target = await this.#create({ ...op, shape: source.shape });
        await guarded([target], () => take(source, target));
        return;
      }
      case 'assign': {
        const [source, target] = [this.#array(op.source), this.#array(op.handle)];
        await guarded([target], () => take(source, target));
        return;
      }
      case 'mean': {
        const sources = op.sources.map((handle) => this.#array(handle));
        const [first] = sources;
        if (!first) return;
        const target = await this.#create({ ...op, dtype: first.dtype, shape: first.shape });
        await guarded([target], () => mean(sources, target));
        return;
      }
      case 'invoke':
        await this.#invoke(op);
        return;
    }
  }

  async #invoke({ name, inputs, outputs, attributes }: Extract<MemoryOp, { kind: 'invoke' }>): Promise<void> {
    const sources = inputs.map((handle) => this.#array(handle));
    const targets: GpuArray[] = [];
    for (const output of outputs) {
      targets.push(output.isNew ? await this.#create(output) : this.#array(output.handle));
    }
    const device = targets[0]?.device;
    if (!device) return;
    const call = { name, device, inputs: sources, outputs: targets, attributes, onProcessor: this.#onProcessor };
    await guarded(targets, () => runKernel(call));
  }

  async #create(spec: {
    readonly handle: Handle;
    readonly device: DeviceName;
    readonly dtype: DType;
    readonly shape: Shape;
  }): Promise<GpuArray> {
    const array = new GpuArray(await this.#devices.device(spec.device), spec.dtype, spec.shape);
    this.#arrays.set(spec.handle, array);
    return array;
  }

  async #upload(array: GpuArray, { dtype, offset, bytes }: Extract<MemoryOp, { kind: 'upload' }>): Promise<void> {
    const chunk = new DeviceArray(dtype, [bytes.byteLength / bytesFor(dtype, 1)]);
    writeBytes(chunk, 0, bytes);
    let cast = chunk;
    if (dtype !== array.dtype) {
      cast = new DeviceArray(array.dtype, chunk.shape);
      convert(chunk, cast);
      chunk.dispose();
    }
    await array.prepareWrite();
    const writes = async () => array.write(offset, cast);
    await (array.isZero ? guarded([array], writes) : writes());
    cast.dispose();
    await array.device.throttle();
  }

  async #ask<T, Handles extends readonly [Handle] | readonly [Handle, Handle]>(
    handles: Handles,
    question: (...arrays: { [K in keyof Handles]: GpuArray }) => Promise<T>,
  ): Promise<T> {
    const arrays = handles.map((handle) => this.#array(handle)) as { [K in keyof Handles]: GpuArray };
    try {
      return await question(...arrays);
    } catch (error) {
      await this.#throwLoss(handles);
      throw error;
    }
  }

  /** Work on a device that goes fails in many ways, often before its loss is told: that is what is to be said. */
  async #throwLoss(handles: readonly Handle[]): Promise<void> {
    const devices = handles.flatMap((handle) => this.#arrays.get(handle)?.device ?? []);
    if (devices.length > 0) {
      const patience = new Promise((resolve) => setTimeout(resolve, LOSS_MS));
      await Promise.race([patience, ...devices.map(({ lost }) => lost)]);
    }
    for (const handle of handles) {
      const error = this.#lost.get(handle);
      if (error) throw error;
    }
  }

  #array(handle: Handle): GpuArray {
    const lost = this.#lost.get(handle);
    if (lost) throw lost;
    const array = this.#arrays.get(handle);
    if (!array) throw new InvalidStateError(`The device holds no array ${handle}.`);
    return array;
  }

  #free(handle: Handle): void {
    this.#arrays.get(handle)?.dispose();
    this.#arrays.delete(handle);
    this.#lost.delete(handle);
  }

  #forget(device: GpuDevice, reason: string): void {
    const error = new DeviceLostError(`${device.name} was lost (${reason}). Load the value again.`);
    for (const [handle, array] of this.#arrays) {
      if (array.device !== device) continue;
      this.#arrays.delete(handle);
      this.#lost.set(handle, error);
      array.dispose();
    }
  }

  #census(): Census {
    let bytes = 0;
    for (const array of this.#arrays.values()) bytes += array.bytes;
    return { arrays: this.#arrays.size, tensors: tf.memory().numTensors, bytes };
  }
}

/** Asks the driver, where much is written, whether it had the memory. @throws OutOfMemoryError */
async function guarded(targets: readonly GpuArray[], work: () => Promise<void>): Promise<void> {
  const bytes = targets.reduce((sum, target) => sum + target.bytes, 0);
  const device = targets[0]?.device;
  await (device && bytes >= GUARDED_BYTES ? device.guard(work) : work());
}

function namedBy(op: MemoryOp): readonly Handle[] {
  return [...neededBy(op), ...writtenBy(op)];
}
