/** How long the main thread kept its event loop from turning. */
import { existsSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * Watches until `end`: `stoodStillMs` is the longest time without a turn, waits for a processor included;
 * `computedMs` the longest that the thread was on a processor in between, null where the system does not tell.
 */
export function watchLoop() {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const stretches = watchStretches();
  return {
    end: () => {
      delay.disable();
      return { stoodStillMs: delay.max / 1e6, computedMs: stretches.end() };
    },
  };
}

function watchStretches() {
  const clock = `/proc/self/task/${process.pid}/schedstat`;
  if (!existsSync(clock)) return { end: () => null };
  const read = () => Number(readFileSync(clock, 'utf8').split(' ')[0]) / 1e6;
  let most = 0;
  let last = read();
  const look = () => {
    const now = read();
    most = Math.max(most, now - last);
    last = now;
  };
  const timer = setInterval(look, 1);
  return {
    end: () => {
      look();
      clearInterval(timer);
      return most;
    },
  };
}
