import { formatBytes } from './output.ts';

const ANNOUNCE_AFTER_MS = 500;
const REDRAW_MS = 100;

/** A line on stderr that is redrawn while long work runs; silent where stderr is no terminal or the work is short. */
export class ProgressLine {
  readonly #title: string;
  readonly #total: number;
  readonly #started = Date.now();
  #drawn = 0;

  constructor(title: string, total: number) {
    this.#title = title;
    this.#total = total;
  }

  update(done: number): void {
    const now = Date.now();
    if (!process.stderr.isTTY || now - this.#started < ANNOUNCE_AFTER_MS || now - this.#drawn < REDRAW_MS) return;
    this.#drawn = now;
    const share = this.#total > 0 ? `${Math.floor((100 * done) / this.#total)}%` : '';
    process.stderr.write(`\r\x1b[K${this.#title} ${share} ${formatBytes(done)} of ${formatBytes(this.#total)}`);
  }

  end(): void {
    if (this.#drawn > 0) process.stderr.write('\r\x1b[K');
  }
}
