import { afterAll, aroundEach } from 'vitest';
import { cpu, type Device, gpu, withDevice } from '../../../core/device/device.ts';
import { startGpuProcess } from '../../../core/device/process-link.ts';
import { DeviceRuntime, type DeviceRuntimeOptions } from '../../../core/device/runtime.ts';
import { startCpuThread } from '../../../core/device/thread-link.ts';
import type { WorkerLink } from '../../../core/device/worker-link.ts';
import { bytesFor, DTYPES, type DType, isPacked } from '../../../core/ndarray/dtype.ts';

const open: DeviceRuntime[] = [];

/** Where the tests of this run put what they say nothing else of; `vitest.config.ts` names the runs and their GPU. */
const places = process.env.PARASCOPE_TEST_PLACES ?? 'cpus';

/** True where some of the places are gpus, which hold fewer dtypes and round differently in the last bit. */
export const HAS_GPUS = places !== 'cpus';

/** The device that stands for number `id`: a cpu, a gpu, or by turns a cpu and a gpu. */
export function place(id = 0): Device {
  switch (places) {
    case 'gpus':
      return gpu(id);
    case 'mixed':
      return id % 2 === 0 ? cpu(id / 2) : gpu((id - 1) / 2);
    default:
      return cpu(id);
  }
}

if (HAS_GPUS) aroundEach((runTest) => withDevice(place(0), runTest));

afterAll(async () => {
  await Promise.all(open.splice(0).map((runtime) => runtime.close()));
});

/** A runtime that is closed when the test file ends. */
export function openRuntime(options: DeviceRuntimeOptions = {}): DeviceRuntime {
  const runtime = new DeviceRuntime({ gpuMemoryBudget: options.memoryBudget, ...options });
  open.push(runtime);
  return runtime;
}

/** A runtime whose workers can be killed from outside, as a crash would. */
export function mortalRuntime(): { readonly runtime: DeviceRuntime; kill(): Promise<void> } {
  const links: WorkerLink[] = [];
  const noted = (start: () => WorkerLink) => () => {
    const link = start();
    links.push(link);
    return link;
  };
  const runtime = openRuntime({
    startCpu: noted(startCpuThread),
    startGpu: noted(() => startGpuProcess()),
  });
  return {
    runtime,
    kill: async () => {
      await Promise.all(links.splice(0).map((link) => link.close()));
    },
  };
}

export const HOLDABLE_DTYPES: readonly DType[] = DTYPES.filter(
  (dtype) => !isPacked(dtype) && !['complex32', 'qint8', 'quint8', 'qint32'].includes(dtype),
);

export function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** As many elements of `dtype` as `bytes` has whole ones of. */
export function wholeElements(dtype: DType, bytes: Uint8Array): Uint8Array {
  return bytes.slice(0, bytes.length - (bytes.length % bytesFor(dtype, 1)));
}
