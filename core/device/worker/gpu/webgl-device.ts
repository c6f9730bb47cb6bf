import { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import { DeviceLostError, InvalidStateError } from '../../../errors.ts';
import type { DType } from '../../../ndarray/dtype.ts';
import type { DeviceName } from '../../protocol.ts';
import type { DeviceArray } from '../device-array.ts';
import { tf } from '../tensorflow.ts';
import { activateBackend } from './active-backend.ts';
import { glslProgram, uniformValuesOf } from './glsl.ts';
import { type GpuDevice, isGpuDType, type ProgramCall } from './gpu-device.ts';
import { type ElementType, programOf } from './program.ts';

/** What is used of the page's canvas; the types of pages are not at hand in the core. */
export interface Canvas {
  addEventListener(type: 'webglcontextlost', listener: (event: { preventDefault(): void }) => void): void;
}

const ZERO = programOf({
  name: 'zeros',
  inputs: [],
  output: 'f32',
  code: ['fn element(index: i32) -> f32 { return 0.0; }'],
});

/**
 * A logical device on WebGL: a context of its own. Textures hold float32, through which neither all of
 * int32 passes nor every NaN: arrays stay as they came in the worker's memory until something computes
 * with them, and int32 and complex64 always do.
 */
export class WebGlDevice implements GpuDevice {
  readonly name: DeviceName;
  readonly backendName: string;
  readonly kind = 'webgl';
  readonly lost: Promise<string>;
  readonly parts = null;
  readonly #backend: MathBackendWebGL;

  constructor(name: DeviceName, backendName: string, canvas: Canvas) {
    this.name = name;
    this.backendName = backendName;
    this.#backend = new MathBackendWebGL(canvas as unknown as ConstructorParameters<typeof MathBackendWebGL>[0]);
    this.lost = new Promise((resolve) => {
      canvas.addEventListener('webglcontextlost', () => resolve('the WebGL context was lost'));
    });
    tf.copyRegisteredKernels('webgl', backendName);
    tf.registerBackend(backendName, () => this.#backend);
  }

  holds(dtype: DType): boolean {
    return isGpuDType(dtype) && dtype !== 'int32' && dtype !== 'complex64';
  }

  activate(): void {
    activateBackend(this.backendName);
  }

  zeros(_type: ElementType, count: number): tf.Tensor {
    return this.run({ program: ZERO, inputs: [], count });
  }

  run({ program, inputs, count, parameters = {} }: ProgramCall): tf.Tensor {
    this.activate();
    const info = this.#backend.compileAndRun(
      glslProgram(program, count),
      inputs.map(({ dataId, size, dtype }) => ({ dataId, dtype, shape: [size] })),
      'float32',
      uniformValuesOf(program, parameters),
    );
    return tf.engine().makeTensorFromTensorInfo(info);
  }

  upload(array: DeviceArray): tf.Tensor {
    if (array.elements.kind !== 'numbers') throw new InvalidStateError(`WebGL holds no ${array.dtype}.`);
    this.activate();
    // A copy: TensorFlow.js reads it when the tensor is first used.
    return tf.tensor1d(Float32Array.from(array.elements.values), 'float32');
  }

  async download(tensor: tf.Tensor, start: number, array: DeviceArray): Promise<void> {
    if (array.elements.kind !== 'numbers') throw new InvalidStateError(`WebGL holds no ${array.dtype}.`);
    // A context that is lost passes no fence any more, and TensorFlow.js would wait for it for ever.
    const values = await Promise.race([tensor.data<'float32'>(), this.#loss()]);
    array.elements.values.set(values.subarray(start, start + array.size));
  }

  async #loss(): Promise<never> {
    throw new DeviceLostError(`${this.name} was lost (${await this.lost}). Load the value again.`);
  }

  guard(work: () => Promise<void>): Promise<void> {
    return work();
  }

  async throttle(): Promise<void> {
    // Nothing goes to the GPU before it is used.
  }

  trim(): void {
    // TensorFlow.js deletes textures beyond WEBGL_DELETE_TEXTURE_THRESHOLD itself.
  }

  async finish(): Promise<void> {
    // Reads wait for what is before them; WebGL reports no errors of its own.
  }

  destroy(): void {
    this.#backend.getGPGPUContext().gl.getExtension('WEBGL_lose_context')?.loseContext();
  }
}
