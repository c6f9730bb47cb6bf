import { DeviceMismatchError } from '../../../errors.ts';
import type { DeviceName, DeviceSurvey } from '../../protocol.ts';
import { tf } from '../tensorflow.ts';
import { activateBackend } from './active-backend.ts';
import type { Adapter, Found } from './adapter.ts';
import type { GpuDevice } from './gpu-device.ts';
import { findWebGlAdapter } from './webgl-adapters.ts';
import { findWebGpuAdapters } from './webgpu-adapters.ts';

/** What a logical device may hold at least, however many share an adapter. */
const LEAST_SHARE = 2 ** 30;

type LossListener = (device: GpuDevice, reason: string) => void;

/** The GPUs of this worker: found once, opened at first use, and opened anew after a loss. */
export class GpuDevices {
  readonly #onLost: LossListener;
  readonly #open = new Map<DeviceName, GpuDevice>();
  #logicalGpus = 1;
  #found: Promise<Found> | null = null;
  #backends = 0;

  constructor(onLost: LossListener) {
    this.#onLost = onLost;
  }

  configure(logicalGpus: number): void {
    this.#logicalGpus = logicalGpus;
  }

  /** Each adapter's logical devices follow each other. */
  async survey(): Promise<DeviceSurvey> {
    const { adapters, reason } = await this.#adapters();
    const devices = adapters.flatMap((adapter, i) =>
      Array.from({ length: this.#logicalGpus }, (_, logical) => {
        const device: DeviceName = `gpu(${i * this.#logicalGpus + logical})`;
        return { ...adapter.description, device, memoryBudget: this.#shareOf(adapter) };
      }),
    );
    return { devices, reason };
  }

  /** @throws DeviceMismatchError where there is none of this name. */
  async device(name: DeviceName): Promise<GpuDevice> {
    const known = this.#open.get(name);
    if (known) return known;
    const { devices, reason } = await this.survey();
    const index = devices.findIndex(({ device }) => device === name);
    const adapter = (await this.#adapters()).adapters[Math.floor(index / this.#logicalGpus)];
    if (index < 0 || !adapter) {
      const list = devices.map(({ device }) => device).join(', ');
      throw new DeviceMismatchError(`There is no ${name} here: ${list === '' ? reason : `there are ${list}`}.`);
    }
    const device = await adapter.open(name, `parascope-gpu-${++this.#backends}`);
    this.#open.set(name, device);
    void device.lost.then((why) => this.#lose(device, why));
    return device;
  }

  /** All that are open. */
  get opened(): readonly GpuDevice[] {
    return [...this.#open.values()];
  }

  #lose(device: GpuDevice, reason: string): void {
    if (this.#open.get(device.name) === device) this.#open.delete(device.name);
    this.#onLost(device, reason);
    activateBackend('cpu');
    tf.removeBackend(device.backendName);
  }

  /** Logical devices share the memory of their adapter. */
  #shareOf({ description: { memoryBudget } }: Adapter): number {
    return Math.max(LEAST_SHARE, Math.floor(memoryBudget / this.#logicalGpus));
  }

  #adapters(): Promise<Found> {
    this.#found ??= findAdapters().then((found) => {
      // A driver may come later.
      if (found.adapters.length === 0) this.#found = null;
      return found;
    });
    return this.#found;
  }
}

/** WebGPU's adapters, then WebGL where it is the only way, or the only one to hardware. */
async function findAdapters(): Promise<Found> {
  await tf.setBackend('cpu');
  // TensorFlow.js would quietly compute small tensors on the processor.
  tf.env().set('WEBGPU_CPU_FORWARD', false);
  tf.env().set('WEBGL_CPU_FORWARD', false);
  const webgpu = await findWebGpuAdapters();
  if (webgpu.adapters.some(({ description }) => !description.software)) return webgpu;
  const webgl = await findWebGlAdapter();
  const isOther = webgpu.adapters.length === 0 || webgl.adapters.some(({ description }) => !description.software);
  const adapters = isOther ? [...webgpu.adapters, ...webgl.adapters] : webgpu.adapters;
  const reason = adapters.length > 0 ? null : [webgpu.reason, webgl.reason].filter(Boolean).join('; ');
  return { adapters, reason };
}
