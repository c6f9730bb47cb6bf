import { parentPort, workerData } from 'node:worker_threads';

export interface FindPatternRequest {
  readonly names: readonly string[];
  readonly pattern: string;
  readonly ignoreCase: boolean;
}

export interface FindPatternReply {
  /** The names in which the pattern was found. */
  readonly found: readonly string[];
}

const { names, pattern, ignoreCase } = workerData as FindPatternRequest;
// The parser of queries has compiled it before.
const expression = new RegExp(pattern, ignoreCase ? 'i' : '');
const reply: FindPatternReply = { found: names.filter((name) => expression.test(name)) };
parentPort?.postMessage(reply);
