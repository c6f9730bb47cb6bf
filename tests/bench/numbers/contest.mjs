/** Contests between whole processes, run in turns, so that a busy moment of the machine falls on both. */
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';

/** A median of fewer says nothing. */
export const LEAST_PAIRS = 5;

/** One run: its wall time as a whole process, its own time, its peak memory, and what it found. */
export function run({ command, args }) {
  const begun = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  const wall = (performance.now() - begun) / 1000;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr}`);
  return { wall, ...JSON.parse(stdout.trim().split('\n').at(-1)) };
}

/**
 * Runs both sides once to warm up and then `pairs` times in turns. `clock` says which time counts:
 * `wall` (whole processes) or `seconds` (from the first line of the program to the last).
 */
export function contest({ name, ours, peer, clock, same }, pairs) {
  const warm = [run(ours), run(peer)];
  if (same && !same(warm[0].check, warm[1].check)) {
    throw new Error(`${name}: the two sides found different things: ${warm[0].check} and ${warm[1].check}.`);
  }
  const runs = [];
  for (let i = 0; i < pairs; i++) {
    // Who goes first changes, for who goes second finds the caches as the first left them.
    const order = i % 2 === 0 ? [ours, peer] : [peer, ours];
    const [a, b] = order.map(run);
    runs.push(i % 2 === 0 ? { ours: a, peer: b } : { ours: b, peer: a });
  }
  const ratios = runs.map((pair) => pair.ours[clock] / pair.peer[clock]);
  const watched = (key, of) => {
    const values = runs.map((pair) => pair.ours[key]);
    return values.every((value) => typeof value === 'number') ? of(values) : null;
  };
  return {
    ours: median(runs.map((pair) => pair.ours[clock])),
    peer: median(runs.map((pair) => pair.peer[clock])),
    ratio: pairs < LEAST_PAIRS ? null : median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    oursMiB: Math.max(...runs.map((pair) => pair.ours.peakMiB)),
    peerMiB: Math.max(...runs.map((pair) => pair.peer.peakMiB)),
    computedMs: watched('computedMs', (values) => Math.max(...values)),
    stoodStillMs: watched('stoodStillMs', median),
  };
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
