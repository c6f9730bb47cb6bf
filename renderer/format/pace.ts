import { formatBytes } from './numbers.ts';

/** `1.2 GB/s, 3 s left`; empty where there is nothing to tell yet. */
export function paceText({ done, total, seconds }: { done: number; total: number; seconds: number }): string {
  if (done <= 0 || seconds < 0.5) return '';
  const pace = `${formatBytes(Math.round(done / seconds))}/s`;
  return total > done ? `${pace}, ${durationText(((total - done) * seconds) / done)} left` : pace;
}

function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 120) return `${whole} s`;
  const minutes = Math.ceil(whole / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}
