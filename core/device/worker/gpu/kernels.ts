import type { Attributes } from '../../protocol.ts';
import { DeviceArray } from '../device-array.ts';
import '../operators/all.ts';
import { kernelOf } from '../operators/registry.ts';
import { tf } from '../tensorflow.ts';
import { activateBackend } from './active-backend.ts';
import type { GpuArray } from './gpu-array.ts';
import type { GpuDevice } from './gpu-device.ts';

/** An operator on arrays of one device. An output may be one of the inputs. */
export interface GpuCall {
  readonly name: string;
  readonly device: GpuDevice;
  readonly inputs: readonly GpuArray[];
  /** New ones are zeros; the others are changed in place. */
  readonly outputs: readonly GpuArray[];
  readonly attributes: Attributes;
  /** Told the name of an operator that the processor has to run. */
  readonly onProcessor?: ((name: string) => void) | undefined;
}

export interface GpuKernel {
  /** False for a call that the processor has to do; without it, all whose arrays the device computes with. */
  accepts?(call: GpuCall): boolean;
  run(call: GpuCall): void | Promise<void>;
}

const kernels = new Map<string, GpuKernel>();

/** `name` as the kernel of the cpu that it stands for. */
export function registerGpuKernel(name: string, kernel: GpuKernel): void {
  kernels.set(name, kernel);
}

/** True where this call runs on the device itself. */
export function isNativeCall(call: GpuCall): boolean {
  const kernel = kernels.get(call.name);
  if (!kernel) return false;
  return kernel.accepts ? kernel.accepts(call) : isNativeThroughout(call);
}

export function isNativeThroughout({ inputs, outputs }: GpuCall): boolean {
  return [...inputs, ...outputs].every((array) => array.isNative);
}

export async function runKernel(call: GpuCall): Promise<void> {
  const kernel = kernels.get(call.name);
  if (kernel && isNativeCall(call)) await kernel.run(call);
  else await runOnProcessor(call);
}

/** The kernel of the cpu over what is read back: correct, and slower. */
async function runOnProcessor({ name, inputs, outputs, attributes, onProcessor }: GpuCall): Promise<void> {
  onProcessor?.(name);
  activateBackend('cpu');
  const kernel = kernelOf(name);
  const read = new Map<GpuArray, DeviceArray>();
  for (const array of [...inputs, ...outputs]) {
    if (!read.has(array)) read.set(array, await array.readAll());
  }
  activateBackend('cpu');
  const elementsOf = (array: GpuArray) => read.get(array) ?? new DeviceArray(array.dtype, array.shape);
  try {
    tf.tidy(() => {
      kernel(inputs.map(elementsOf), attributes, outputs.map(elementsOf));
    });
  } catch (error) {
    for (const array of read.values()) array.dispose();
    throw error;
  }
  for (const [array, elements] of read) {
    if (outputs.includes(array)) array.adopt(elements);
    else elements.dispose();
  }
}
