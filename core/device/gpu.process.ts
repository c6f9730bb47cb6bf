import { readFileRegion } from './file-region.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

/**
 * The process behind every `gpu(i)` in Node: TensorFlow.js on WebGPU through Dawn (npm `webgpu`, an
 * optional dependency). It ends with the process that started it.
 */

process.on('disconnect', () => process.exit(0));
// A Ctrl-C in the terminal reaches the whole group: the parent ends this process when it is done with it.
process.on('SIGINT', () => {});

const early: ToWorker[] = [];
let accept = (message: ToWorker): void => {
  early.push(message);
};
process.on('message', (message) => accept(message as ToWorker));

const { openWebGpu } = await import('./dawn.ts');
const { isOpen, reason } = await openWebGpu();

// TensorFlow.js looks for WebGPU while it is loaded, and so comes after it.
const [{ serveDevices }, host] = await Promise.all([
  import('./worker/host.ts'),
  isOpen ? openGpuMemory() : openAbsence(reason),
]);

serveDevices(host, {
  read: readFileRegion,
  post,
  listen: (onMessage) => {
    accept = onMessage;
    for (const message of early.splice(0)) onMessage(message);
  },
});

async function openGpuMemory() {
  const { GpuMemory } = await import('./worker/gpu/gpu-memory.ts');
  return new GpuMemory({ onLost: (devices, why) => post({ type: 'lost', devices, reason: why }) });
}

async function openAbsence(why: string) {
  const { NoGpus } = await import('./worker/no-gpus.ts');
  return new NoGpus(why);
}

function post(message: FromWorker): void {
  // What cannot be delivered any more is for nobody: the parent is gone.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}
