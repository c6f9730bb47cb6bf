import { InvalidStateError } from '../../../errors.ts';
import type { DType } from '../../../ndarray/dtype.ts';
import { elementCount, type Shape } from '../../../ndarray/shape.ts';
import { workingBytes } from '../../working-type.ts';
import { convert } from '../convert.ts';
import { DeviceArray } from '../device-array.ts';
import type { tf } from '../tensorflow.ts';
import { activateBackend } from './active-backend.ts';
import { elementTypeOf, type GpuDevice, partsOfElement } from './gpu-device.ts';

/** What arrays hold together until one of them is written. Neither tensor nor host: zeros that nobody looked at. */
interface Content {
  tensor: tf.Tensor | null;
  /** The same elements in the worker's memory, bit for bit as they came. */
  host: DeviceArray | null;
  holders: number;
}

/**
 * An array of a GPU. Its tensor is a vector whatever its shape is. What the device cannot hold exactly, or
 * change in parts, lies in the worker's memory, and goes over when a program first needs it.
 */
export class GpuArray {
  readonly device: GpuDevice;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly size: number;
  #content: Content = blank();

  /** Zeros, which take no memory until somebody looks. */
  constructor(device: GpuDevice, dtype: DType, shape: Shape) {
    this.device = device;
    this.dtype = dtype;
    this.shape = shape;
    this.size = elementCount(shape);
  }

  get bytes(): number {
    return workingBytes(this.dtype, this.size);
  }

  /** False where programs of the device cannot compute with it: they run on the processor instead. */
  get isNative(): boolean {
    return this.size > 0 && this.dtype !== 'complex64' && this.device.holds(this.dtype);
  }

  get isZero(): boolean {
    return this.#content.tensor === null && this.#content.host === null;
  }

  /** All elements as a vector; it stays the array's. */
  get tensor(): tf.Tensor {
    const content = this.#content;
    if (!this.device.holds(this.dtype))
      throw new InvalidStateError(`${this.device.name} computes with no ${this.dtype}.`);
    content.tensor ??= keep(
      content.host
        ? this.device.upload(content.host)
        : this.device.zeros(elementTypeOf(this.dtype), this.size * partsOfElement(this.dtype)),
    );
    return content.tensor;
  }

  /** Takes over `tensor`, a vector of all elements. */
  setTensor(tensor: tf.Tensor): void {
    this.#replace({ ...blank(), tensor: keep(tensor) });
  }

  /** Takes over `array`, of this dtype and size. */
  adopt(array: DeviceArray): void {
    if (array.size > 0 && this.device.parts && this.device.holds(this.dtype)) {
      this.setTensor(this.device.upload(array));
      array.dispose();
    } else {
      this.#replace({ ...blank(), host: array });
    }
  }

  /** Takes the elements of `source`, of the same device, dtype and size. */
  share(source: GpuArray): void {
    const content = source.#content;
    content.holders++;
    this.#replace(content);
  }

  clear(): void {
    if (!this.isZero) this.#replace(blank());
  }

  /** Writes `chunk`, of this dtype, from element `start` on. */
  write(start: number, chunk: DeviceArray): void {
    const { parts } = this.device;
    if (!parts || !this.device.holds(this.dtype)) {
      convert(chunk, this.#ownHost(), start);
    } else if (chunk.size === this.size) {
      this.setTensor(this.device.upload(chunk));
    } else {
      const { tensor } = this;
      if (this.#content.holders > 1) this.setTensor(parts.copy(tensor));
      parts.write(this.tensor, start, chunk);
    }
  }

  /** A new array in the worker's memory of `count` elements from `start` on. The caller disposes of it. */
  async read(start: number, count: number): Promise<DeviceArray> {
    if (!this.device.parts && !this.isZero) return this.#readHost(start, count);
    const array = new DeviceArray(this.dtype, [count]);
    if (this.isZero || count === 0) return array;
    if (!this.#content.tensor) return this.#readHost(start, count);
    await this.device.download(this.#content.tensor, start, array);
    return array;
  }

  /** As `read`, of all elements, with the array's shape. */
  async readAll(): Promise<DeviceArray> {
    const array = new DeviceArray(this.dtype, this.shape);
    if (this.isZero || this.size === 0) return array;
    if (this.#content.host) convert(this.#content.host, array);
    else if (this.#content.tensor) await this.device.download(this.#content.tensor, 0, array);
    return array;
  }

  /** Zeros of the same device, dtype and shape. */
  blank(): GpuArray {
    return new GpuArray(this.device, this.dtype, this.shape);
  }

  dispose(): void {
    this.#replace(blank());
  }

  /** Downloads once what will be read in many pieces. */
  async #readHost(start: number, count: number): Promise<DeviceArray> {
    const content = this.#content;
    content.host ??= await this.readAll();
    const piece = new DeviceArray(this.dtype, [count]);
    copyPart(content.host, start, piece);
    return piece;
  }

  /** The array in the worker's memory, to be changed: nobody else holds it, and there is no tensor of it. */
  #ownHost(): DeviceArray {
    activateBackend('cpu');
    const { host, holders, tensor } = this.#content;
    if (tensor && !host) throw new InvalidStateError('The elements have to be read back before some are written.');
    if (!host || holders > 1) {
      const own = new DeviceArray(this.dtype, this.shape);
      if (host) convert(host, own);
      this.#replace({ ...blank(), host: own });
      return own;
    }
    tensor?.dispose();
    this.#content.tensor = null;
    return host;
  }

  /** To be awaited before `write` changes a part. */
  async prepareWrite(): Promise<void> {
    const content = this.#content;
    if (!this.device.parts && content.tensor && !content.host) content.host = await this.readAll();
  }

  #replace(content: Content): void {
    const before = this.#content;
    this.#content = content;
    before.holders--;
    if (before.holders > 0) return;
    before.tensor?.dispose();
    before.host?.dispose();
  }
}

function blank(): Content {
  return { tensor: null, host: null, holders: 1 };
}

/** Kernels run in a scope of TensorFlow.js that frees what they made, but what arrays hold. */
function keep(tensor: tf.Tensor): tf.Tensor {
  tensor.kept = true;
  return tensor;
}

/** `source` from element `start` on into all of `target`, bit for bit. */
function copyPart(source: DeviceArray, start: number, target: DeviceArray): void {
  const parts = (array: DeviceArray) =>
    array.elements.kind === 'complex' ? [array.elements.re, array.elements.im] : [array.elements.values];
  const from = parts(source);
  parts(target).forEach((part, i) => {
    const { buffer, byteOffset, BYTES_PER_ELEMENT } = from[i] ?? part;
    const bytes = new Uint8Array(buffer, byteOffset + start * BYTES_PER_ELEMENT, part.byteLength);
    new Uint8Array(part.buffer, part.byteOffset, part.byteLength).set(bytes);
  });
}
