import { DeviceLostError } from '../../../errors.ts';
import { MAX_ARRAY_BYTES } from '../../array-limit.ts';
import type { DeviceLimits } from '../../protocol.ts';
import { tf } from '../tensorflow.ts';
import { type Adapter, type Found, isSoftware, MEMORY_BUDGET } from './adapter.ts';
import { WebGpuDevice } from './webgpu-device.ts';

/** Asked of the adapter at its most: what WebGPU grants unasked is made for phones. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** SwiftShader (5.0.0) has no memory for a buffer of exactly the size that it names as its most, but for 256 bytes less. */
const SOFTWARE_MARGIN = 4096;

const PREFERENCES = ['high-performance', 'low-power'] as const;

/** Adapters say what they are in `info`, which the types at hand do not know yet. */
type NamedAdapter = GPUAdapter & { readonly info: GPUAdapterInfo & { readonly isFallbackAdapter?: boolean } };

/** The adapters that WebGPU offers here. High performance and low power are often one. */
export async function findWebGpuAdapters(): Promise<Found> {
  const { navigator } = globalThis as { navigator?: { gpu?: GPU } };
  const gpu = navigator?.gpu;
  if (!gpu) return { adapters: [], reason: 'WebGPU is not offered here' };
  const adapters = new Map<string, Adapter>();
  for (const powerPreference of PREFERENCES) {
    const adapter = await requestAdapter(gpu, powerPreference).catch(() => null);
    if (!adapter) continue;
    const { vendor, architecture, device, description } = adapter.info;
    const key = [vendor, architecture, device, description].join('|');
    if (!adapters.has(key)) adapters.set(key, describe(gpu, adapter, powerPreference));
  }
  return { adapters: [...adapters.values()], reason: adapters.size === 0 ? 'WebGPU has no adapter' : null };
}

function describe(gpu: GPU, adapter: NamedAdapter, powerPreference: GPUPowerPreference): Adapter {
  const { info } = adapter;
  const names = [info.vendor, info.architecture, info.device].filter((name) => name !== '');
  const software = info.isFallbackAdapter === true || isSoftware(...names, info.description);
  const memoryBudget = software ? MEMORY_BUDGET.software : MEMORY_BUDGET.hardware;
  return {
    description: {
      backend: 'webgpu',
      adapter: names.join(' ') || info.description || 'unnamed adapter',
      driver: [info.description, `TensorFlow.js ${tf.version_core}`].filter((text) => text !== '').join(', '),
      software,
      limits: limitsOf(adapter, software),
      memory: memoryBudget,
      memoryBudget,
    },
    open: async (name, backendName) => {
      // An adapter gives one device; a later one needs a new adapter.
      const fresh = await requestAdapter(gpu, powerPreference);
      if (!fresh) throw new DeviceLostError(`WebGPU has no adapter for ${name} any more.`);
      const requiredLimits = Object.fromEntries(LIMITS.map((limit) => [limit, fresh.limits[limit]]));
      const device = await fresh.requestDevice({ requiredLimits });
      return new WebGpuDevice(name, backendName, { device, info: fresh.info });
    },
  };
}

async function requestAdapter(gpu: GPU, powerPreference: GPUPowerPreference): Promise<NamedAdapter | null> {
  return (await gpu.requestAdapter({ powerPreference })) as NamedAdapter | null;
}

function limitsOf({ limits }: GPUAdapter, software: boolean): DeviceLimits {
  const { maxBufferSize, maxStorageBufferBindingSize } = limits;
  const most = Math.min(maxBufferSize, maxStorageBufferBindingSize, MAX_ARRAY_BYTES);
  return {
    ...Object.fromEntries(LIMITS.map((limit) => [limit, limits[limit]])),
    maxArrayBytes: software ? most - SOFTWARE_MARGIN : most,
  };
}
