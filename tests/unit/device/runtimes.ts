import { afterAll } from 'vitest';
import { DeviceRuntime, type DeviceRuntimeOptions } from '../../../core/device/runtime.ts';
import { startCpuThread } from '../../../core/device/thread-link.ts';
import type { WorkerLink } from '../../../core/device/worker-link.ts';
import { bytesFor, DTYPES, type DType, isPacked } from '../../../core/ndarray/dtype.ts';

const open: DeviceRuntime[] = [];

afterAll(async () => {
  await Promise.all(open.splice(0).map((runtime) => runtime.close()));
});

/** A runtime that is closed when the test file ends. */
export function openRuntime(options: DeviceRuntimeOptions = {}): DeviceRuntime {
  const runtime = new DeviceRuntime(options);
  open.push(runtime);
  return runtime;
}

/** A runtime whose worker can be killed from outside, as a crash would. */
export function mortalRuntime(): { readonly runtime: DeviceRuntime; kill(): Promise<void> } {
  let link: WorkerLink | null = null;
  const runtime = openRuntime({
    startCpu: () => {
      link = startCpuThread();
      return link;
    },
  });
  return {
    runtime,
    kill: async () => {
      await link?.close();
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
