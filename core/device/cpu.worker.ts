import { parentPort } from 'node:worker_threads';
import type { Reply, Request } from './protocol.ts';
import { asParascopeError, DeviceMemory } from './worker/device-memory.ts';
import { tf } from './worker/tensorflow.ts';

/** The thread behind every `cpu(i)`: TensorFlow.js on its cpu backend, one request after the other. */

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
