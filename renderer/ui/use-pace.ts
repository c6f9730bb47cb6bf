import { useRef } from 'react';
import { paceText } from '../format/pace.ts';

/** How fast something goes since this page has seen it, and how long it will take: the host's clock may be another. */
export function usePace(done: number, total: number): string {
  const first = useRef({ done, at: performance.now() });
  if (done < first.current.done) first.current = { done, at: performance.now() };
  const { done: before, at } = first.current;
  return paceText({ done: done - before, total: total - before, seconds: (performance.now() - at) / 1000 });
}
