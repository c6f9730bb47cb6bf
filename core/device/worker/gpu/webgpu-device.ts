import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { InvalidStateError, OutOfMemoryError } from '../../../errors.ts';
import type { DType } from '../../../ndarray/dtype.ts';
import type { DeviceName } from '../../protocol.ts';
import type { DeviceArray } from '../device-array.ts';
import { tf } from '../tensorflow.ts';
import { activateBackend } from './active-backend.ts';
import {
  elementTypeOf,
  type GpuDevice,
  isGpuDType,
  type ProgramCall,
  partsOfElement,
  type TensorParts,
} from './gpu-device.ts';
import type { ElementType } from './program.ts';
import { uniformsOf, WgslProgram } from './wgsl.ts';
import { setWords, wordsOf } from './words.ts';

/** Bytes that go over to the GPU or back at a time: all the memory that a transfer needs beside its ends. */
const PIECE_BYTES = 4 * 2 ** 20;
/** Written since the queue was last waited for: what is under way lies in staging memory. */
const UNDER_WAY_BYTES = 32 * 2 ** 20;
/** TensorFlow.js keeps the buffers of freed tensors for later ones of the same size; beyond this they are given back. */
const KEPT_BYTES = 256 * 2 ** 20;

/** What of TensorFlow.js' buffer manager is not in its types. */
interface BufferManagerInternals {
  readonly freeBuffers: Map<string, GPUBuffer[]>;
  numFreeBuffers: number;
  numBytesAllocated: number;
}

/** A logical device on WebGPU: in Chromium, or through Dawn in Node. */
export class WebGpuDevice implements GpuDevice {
  readonly name: DeviceName;
  readonly backendName: string;
  readonly kind = 'webgpu';
  readonly lost: Promise<string>;
  readonly parts: TensorParts = {
    write: (tensor, start, chunk) => this.#write(tensor, start, chunk),
    copy: (tensor) => this.#copy(tensor),
  };
  readonly #device: GPUDevice;
  readonly #backend: WebGPUBackend;
  #written = 0;
  /** True where TensorFlow.js may hold commands that the queue has not got. */
  #isRecording = false;
  #error: Error | null = null;

  constructor(name: DeviceName, backendName: string, { device, info }: { device: GPUDevice; info: GPUAdapterInfo }) {
    this.name = name;
    this.backendName = backendName;
    this.#device = device;
    this.#backend = new WebGPUBackend(device, info);
    this.lost = device.lost.then(({ message, reason }) => message || reason || 'the driver did not say why');
    device.addEventListener('uncapturederror', (event) => {
      this.#error ??= new Error((event as GPUUncapturedErrorEvent).error.message);
    });
    tf.copyRegisteredKernels('webgpu', backendName);
    tf.registerBackend(backendName, () => this.#backend);
  }

  holds(dtype: DType): boolean {
    return isGpuDType(dtype);
  }

  activate(): void {
    activateBackend(this.backendName);
    this.#isRecording = true;
  }

  zeros(type: ElementType, count: number): tf.Tensor {
    const tensor = this.#empty(type, count);
    const encoder = this.#device.createCommandEncoder();
    encoder.clearBuffer(this.#bufferOf(tensor));
    this.#device.queue.submit([encoder.finish()]);
    return tensor;
  }

  run({ program, inputs, count, parameters = {} }: ProgramCall): tf.Tensor {
    this.activate();
    const info = this.#backend.runWebGPUProgram(
      new WgslProgram(program, count),
      inputs.map(({ dataId, size, dtype }) => ({ dataId, dtype, shape: [size] })),
      program.output === 'f32' ? 'float32' : 'int32',
      uniformsOf(program, parameters),
    );
    return tf.engine().makeTensorFromTensorInfo(info);
  }

  upload(array: DeviceArray): tf.Tensor {
    const tensor = this.#empty(elementTypeOf(array.dtype), array.size * partsOfElement(array.dtype));
    this.#write(tensor, 0, array);
    return tensor;
  }

  #write(tensor: tf.Tensor, start: number, chunk: DeviceArray): void {
    // What was recorded before must come before: the queue writes at once.
    this.#submit();
    const buffer = this.#bufferOf(tensor);
    const words = wordsOf(chunk);
    const offset = start * partsOfElement(chunk.dtype) * 4;
    for (let at = 0; at < words.length; at += PIECE_BYTES / 4) {
      const piece = words.subarray(at, at + PIECE_BYTES / 4);
      this.#device.queue.writeBuffer(buffer, offset + at * 4, piece.buffer, piece.byteOffset, piece.byteLength);
      this.#written += piece.byteLength;
    }
  }

  async download(tensor: tf.Tensor, start: number, array: DeviceArray): Promise<void> {
    const parts = partsOfElement(array.dtype);
    const words = new Uint32Array(array.size * parts);
    this.#submit();
    const buffer = this.#bufferOf(tensor);
    const size = Math.min(PIECE_BYTES, words.byteLength);
    if (size === 0) return;
    const staging = this.#device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    try {
      for (let at = 0; at < words.length; at += PIECE_BYTES / 4) {
        const piece = words.subarray(at, at + PIECE_BYTES / 4);
        const encoder = this.#device.createCommandEncoder();
        encoder.copyBufferToBuffer(buffer, (start * parts + at) * 4, staging, 0, piece.byteLength);
        this.#device.queue.submit([encoder.finish()]);
        await staging.mapAsync(GPUMapMode.READ, 0, piece.byteLength);
        piece.set(new Uint32Array(staging.getMappedRange(0, piece.byteLength)));
        staging.unmap();
      }
    } finally {
      staging.destroy();
    }
    // What could not be computed would be read as zeros.
    this.#throwError();
    setWords(array, words);
  }

  trim(): void {
    const { numBytesAllocatedInGPU, numBytesInGPU } = this.#backend.memory();
    if (numBytesAllocatedInGPU - numBytesInGPU <= KEPT_BYTES) return;
    const manager = this.#backend.bufferManager as unknown as BufferManagerInternals;
    for (const buffers of manager.freeBuffers.values()) {
      for (const buffer of buffers.splice(0)) {
        manager.numBytesAllocated -= buffer.size;
        manager.numFreeBuffers--;
        buffer.destroy();
      }
    }
  }

  #copy(tensor: tf.Tensor): tf.Tensor {
    const copy = this.#empty(tensor.dtype === 'float32' ? 'f32' : 'i32', tensor.size);
    this.#submit();
    const encoder = this.#device.createCommandEncoder();
    encoder.copyBufferToBuffer(this.#bufferOf(tensor), 0, this.#bufferOf(copy), 0, tensor.size * 4);
    this.#device.queue.submit([encoder.finish()]);
    return copy;
  }

  async guard(work: () => Promise<void>): Promise<void> {
    this.#device.pushErrorScope('out-of-memory');
    this.#device.pushErrorScope('validation');
    const failure = await work().then(
      () => null,
      (error: unknown) => ({ error }),
    );
    const [invalid, exhausted] = await Promise.all([this.#device.popErrorScope(), this.#device.popErrorScope()]);
    if (exhausted) {
      throw new OutOfMemoryError(
        `${this.name} has no memory left (${exhausted.message}). Unload other tensors first, or lower the memory budget.`,
      );
    }
    if (invalid) throw new InvalidStateError(`${this.name} refused the work: ${invalid.message}`);
    if (failure) throw failure.error;
  }

  /** Waits where much is under way to the GPU, so that staging memory stays bounded. */
  async throttle(): Promise<void> {
    if (this.#written < UNDER_WAY_BYTES) return;
    this.#written = 0;
    await this.#device.queue.onSubmittedWorkDone();
  }

  async finish(): Promise<void> {
    this.#submit();
    await this.#device.queue.onSubmittedWorkDone();
    this.#throwError();
  }

  destroy(): void {
    this.#device.destroy();
  }

  /** Throws what the driver refused since this was last called. */
  #throwError(): void {
    const error = this.#error;
    this.#error = null;
    if (error) throw error;
  }

  #submit(): void {
    if (!this.#isRecording) return;
    this.#isRecording = false;
    this.#backend.ensureCommandEncoderReady();
    this.#backend.endComputePassEncoder();
    this.#backend.submitQueue();
  }

  /** Any content: TensorFlow.js hands out buffers of freed tensors. */
  #empty(type: ElementType, count: number): tf.Tensor {
    const info = this.#backend.makeTensorInfo([count], type === 'f32' ? 'float32' : 'int32');
    this.#backend.uploadToGPU(info.dataId);
    return tf.engine().makeTensorFromTensorInfo(info, this.#backend);
  }

  #bufferOf(tensor: tf.Tensor): GPUBuffer {
    this.#backend.uploadToGPU(tensor.dataId);
    return this.#backend.tensorMap.get(tensor.dataId).resource as GPUBuffer;
  }
}
