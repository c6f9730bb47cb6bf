import { rmSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { InvalidStateError, ParascopeError } from '../../../errors.ts';
import { DECODERS } from '../decoders.ts';
import type { FromUnpackWorker, UnpackTask } from '../messages.ts';
import { WorkerJob } from './job.ts';

/** The thread that unpacks values, one after the other. */

function send(message: FromUnpackWorker): void {
  parentPort?.postMessage(message);
}

async function unpack(task: UnpackTask): Promise<void> {
  const load = Object.hasOwn(DECODERS, task.packed.decoder) ? DECODERS[task.packed.decoder] : undefined;
  if (!load) throw new InvalidStateError(`There is no decoder named ${JSON.stringify(task.packed.decoder)}.`);
  const decode = await load();
  const job = new WorkerJob(task, (done) => send({ type: 'progress', id: task.id, done }));
  let isWhole = false;
  try {
    await decode(job);
    job.verify();
    isWhole = true;
  } finally {
    job.close();
    if (!isWhole) rmSync(task.target, { force: true });
  }
}

parentPort?.on('message', async (task: UnpackTask) => {
  try {
    await unpack(task);
    send({ type: 'done', id: task.id });
  } catch (error) {
    // What is not foreseen ends the thread, and the caller learns of it that way.
    if (!(error instanceof ParascopeError)) throw error;
    send({ type: 'failed', id: task.id, error: error.toJSON() });
  }
});
