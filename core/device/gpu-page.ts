import { readAddressedRegion } from './addressed-region.ts';
import type { FromWorker, ToWorker } from './protocol.ts';
import { GpuMemory } from './worker/gpu/gpu-memory.ts';
import { serveDevices } from './worker/host.ts';

/** What a page has of a MessagePort; the types of pages are not at hand in the core. */
export interface PagePort {
  postMessage(message: FromWorker, transfer?: readonly ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  start(): void;
}

/**
 * Serves every `gpu(i)` of a page over `port`, with TensorFlow.js on the page's own WebGPU and WebGL.
 * Content of arrays is copied, not moved: a message with ArrayBuffers in its transfer list does not
 * arrive at Electron's main process (electron#34905).
 */
export function serveGpus(port: PagePort): GpuMemory {
  const memory = new GpuMemory({
    onLost: (devices, reason) => port.postMessage({ type: 'lost', devices, reason }),
  });
  serveDevices(memory, {
    read: readAddressedRegion,
    post: (message) => port.postMessage(message),
    listen: (onMessage) => {
      port.addEventListener('message', ({ data }) => onMessage(data as ToWorker));
      port.start();
    },
  });
  return memory;
}
