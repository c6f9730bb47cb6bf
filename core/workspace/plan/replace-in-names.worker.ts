import { parentPort, workerData } from 'node:worker_threads';
import type { PatternProblem } from './pattern-thread.ts';
import { replaceMatches } from './replace-matches.ts';

export interface ReplaceRequest {
  readonly names: readonly string[];
  readonly pattern: string;
  readonly replacement: string;
}

export interface ReplaceReply {
  readonly names: readonly string[];
}

const request = workerData as ReplaceRequest;
parentPort?.postMessage(answer(request));

function answer({ names, pattern, replacement }: ReplaceRequest): ReplaceReply | PatternProblem {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, 'g');
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  return { names: names.map((name) => replaceMatches(name, expression, replacement)) };
}
