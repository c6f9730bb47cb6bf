import { parentPort } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs';
import type { Reply, Request } from './protocol.ts';
import { asParascopeError, DeviceMemory } from './worker/device-memory.ts';

/** The thread behind every `cpu(i)`: TensorFlow.js on its cpu backend, one request after the other. */

// Otherwise TensorFlow.js recommends its native binding on the console of every Node process.
tf.enableProdMode();
await tf.setBackend('cpu');

const memory = new DeviceMemory();

function reply(message: Reply): void {
  const moved = message.ok && message.value instanceof ArrayBuffer ? [message.value] : [];
  parentPort?.postMessage(message, moved);
}

parentPort?.on('message', (request: Request) => {
  if (request.type === 'op') {
    memory.run(request.op);
    return;
  }
  const { id, query } = request;
  try {
    reply({ id, ok: true, value: memory.answer(query) });
  } catch (cause) {
    reply({ id, ok: false, error: asParascopeError(cause).toJSON() });
  }
});
