/** Contests between whole processes, run in turns, so that a busy moment of the machine falls on both. */
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';

/** So often main's loop is watched, beside the runs that are timed: watching takes its time. */
const WATCHED_RUNS = 3;

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
 * `wall` (whole processes), `seconds` (from the first line of the program to the last) or `work` (from the first
 * request to an engine whose threads are up to its last result: what the window waits for).
 */
export function contest({ name, ours, peer, clock, same, watched }, pairs) {
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
  const looks = watched ? Array.from({ length: WATCHED_RUNS }, () => run(watched)) : [];
  return {
    ours: median(runs.map((pair) => pair.ours[clock])),
    peer: median(runs.map((pair) => pair.peer[clock])),
    ratio: pairs < LEAST_PAIRS ? null : median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    oursMiB: Math.max(...runs.map((pair) => pair.ours.peakMiB)),
    peerMiB: Math.max(...runs.map((pair) => pair.peer.peakMiB)),
    computedMs: looks.some(({ computedMs }) => computedMs === null) ? null : most(looks, 'computedMs'),
    stoodStillMs: watched ? median(looks.map(({ stoodStillMs }) => stoodStillMs)) : null,
  };
}

function most(runs, key) {
  return runs.length === 0 ? null : Math.max(...runs.map((one) => one[key]));
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
