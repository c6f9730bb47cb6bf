/**
 * A double of the process that serves the GPUs, for tests of links, transfers and losses: the same queue
 * and messages, but its arrays are held and computed with by the cpu's own memory. What it is to do
 * beside that comes in DOUBLE: `none` has no device, `crash` ends when an array is uploaded, `lose` loses
 * gpu(1) when an array of 13 elements is made.
 */
import { readFileRegion } from '../../../dist/core/device/file-region.js';
import { DeviceMemory } from '../../../dist/core/device/worker/device-memory.js';
import { serveDevices } from '../../../dist/core/device/worker/host.js';
import { tf } from '../../../dist/core/device/worker/tensorflow.js';

process.on('disconnect', () => process.exit(0));
await tf.setBackend('cpu');

const behaviour = process.env.DOUBLE ?? '';
let logicalGpus = 1;

function survey() {
  if (behaviour === 'none') return { devices: [], reason: 'this double has none.' };
  const devices = Array.from({ length: logicalGpus }, (_, i) => ({
    device: `gpu(${i})`,
    backend: 'webgpu',
    adapter: 'a double on the processor',
    driver: 'none',
    software: true,
    limits: { maxArrayBytes: 2 ** 27 },
    memory: 2 ** 28,
    memoryBudget: 2 ** 28,
  }));
  return { devices, reason: null };
}

const memory = new DeviceMemory(survey);
/** The devices of arrays, and the arrays that were lost. */
const places = new Map();
const lost = new Set();

const host = {
  configure: (configuration) => {
    logicalGpus = configuration.logicalGpus;
  },
  run: async (op) => {
    // As a GPU, it does nothing at once.
    await new Promise((resolve) => setImmediate(resolve));
    if (behaviour === 'crash' && op.kind === 'upload') {
      process.stderr.write('the driver gave up\n');
      process.exit(7);
    }
    if (op.kind === 'create' && behaviour === 'lose' && op.shape[0] === 13) lose('gpu(1)');
    if (op.kind !== 'free' && lost.has(op.source ?? op.handle)) throw new Error('that array is lost');
    for (const { handle, device } of op.outputs ?? [op]) if (device) places.set(handle, device);
    memory.run(op);
  },
  answer: (query) => {
    if (lost.has(query.handle)) throw new Error('that array is lost');
    return memory.answer(query);
  },
};

function lose(device) {
  for (const [handle, place] of places) if (place === device) lost.add(handle);
  process.send({ type: 'lost', devices: [device], reason: 'the double was told so' });
}

serveDevices(host, {
  read: readFileRegion,
  post: (message) => process.send(message, undefined, undefined, () => {}),
  listen: (onMessage) => process.on('message', onMessage),
});
