/** A worker that ends at its first piece. */
import { parentPort } from 'node:worker_threads';

parentPort?.on('message', (message) => {
  if (message.type === 'run') process.exit(3);
});
