/** The real worker, except that it dies when it would answer the second piece (or the PARASCOPE_TEST_PIECE-th); a file remembers that it did. */
import { existsSync, writeFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import '../../../../dist/core/stats/worker/worker.cjs';

const flag = process.env.PARASCOPE_TEST_FLAG;
const last = Number(process.env.PARASCOPE_TEST_PIECE ?? 2);
const postMessage = parentPort.postMessage.bind(parentPort);

parentPort.postMessage = (message, transfer) => {
  if (message.type === 'done' && message.task === last && !existsSync(flag)) {
    writeFileSync(flag, '');
    throw new Error('a worker died, for the test');
  }
  postMessage(message, transfer);
};
