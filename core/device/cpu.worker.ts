import { cpus, totalmem } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { MAX_ARRAY_BYTES } from './array-limit.ts';
import { readFileRegion } from './file-region.ts';
import type { DeviceSurvey, ToWorker } from './protocol.ts';
import { DeviceMemory } from './worker/device-memory.ts';
import { serveDevices } from './worker/host.ts';
import { tf } from './worker/tensorflow.ts';

/** The thread behind every `cpu(i)`: TensorFlow.js on its cpu backend. */

await tf.setBackend('cpu');

serveDevices(new DeviceMemory(surveyProcessor), {
  read: readFileRegion,
  post: (message, transfer) => parentPort?.postMessage(message, transfer),
  listen: (onMessage) => parentPort?.on('message', (message: ToWorker) => onMessage(message)),
});

function surveyProcessor(): DeviceSurvey {
  const adapter = cpus()[0]?.model.trim() || 'unknown processor';
  const driver = `TensorFlow.js ${tf.version_core}`;
  const limits = { maxArrayBytes: MAX_ARRAY_BYTES };
  const memory = totalmem();
  return {
    devices: [
      { device: 'cpu(0)', backend: 'cpu', adapter, driver, software: false, limits, memory, memoryBudget: memory },
    ],
    reason: null,
  };
}
