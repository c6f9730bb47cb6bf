import { formatBytes } from './output.ts';

const ANNOUNCE_AFTER_MS = 500;
const REDRAW_MS = 100;

/** A line on stderr that is redrawn while long work runs; silent where stderr is no terminal or the work is short. */
export class ProgressLine {
  readonly #title: string;
  readonly #total: number;
  readonly #started = Date.now();
  #drawn = 0;

  /** `total` 0 where only the work itself finds out how many bytes there are. */
  constructor(title: string, total: number) {
    this.#title = title;
    this.#total = total;
  }

  update(done: number, total = this.#total): void {
    const now = Date.now();
    if (!process.stderr.isTTY || now - this.#started < ANNOUNCE_AFTER_MS || now - this.#drawn < REDRAW_MS) return;
    this.#drawn = now;
    const share = total > 0 ? `${Math.floor((100 * done) / total)}%` : '';
    const pace = paceOf({ done, total, seconds: (now - this.#started) / 1000 });
    process.stderr.write(`\r\x1b[K${this.#title} ${share} ${formatBytes(done)} of ${formatBytes(total)}${pace}`);
  }

  end(): void {
    if (this.#drawn > 0) process.stderr.write('\r\x1b[K');
  }
}

/** How fast it goes, and how long it will take at that pace. */
function paceOf({ done, total, seconds }: { done: number; total: number; seconds: number }): string {
  if (done === 0) return '';
  const left = Math.ceil(((total - done) * seconds) / done);
  return `, ${formatBytes(Math.round(done / seconds))}/s, ${left} s left`;
}
