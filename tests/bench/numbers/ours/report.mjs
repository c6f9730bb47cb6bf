/** What a contestant says when it is done: its own time, its peak memory, and what it found. */
import { performance } from 'node:perf_hooks';
import { resourceUsage } from 'node:process';

export function report(begun, result) {
  const seconds = (performance.now() - begun) / 1000;
  process.stdout.write(`${JSON.stringify({ seconds, peakMiB: resourceUsage().maxRSS / 1024, ...result })}\n`);
}
