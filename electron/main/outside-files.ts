import { z } from 'zod';

/** What a second start of the program hands to the first. */
const handoverSchema = z.object({ files: z.array(z.string().max(32_767)).max(1_000) });

/** Files that the platform hands to the program; what comes before there is a window waits for it. */
export class OutsideFiles {
  #waiting: string[] = [];
  #open: ((paths: readonly string[]) => void) | null = null;

  offer(paths: readonly string[]): void {
    if (this.#open) this.#open(paths);
    else this.#waiting.push(...paths);
  }

  /** From a second start of the program. Throws where it is not what we send. */
  offerHandover(handover: unknown): void {
    this.offer(handoverSchema.parse(handover).files);
  }

  openWith(open: (paths: readonly string[]) => void): void {
    this.#open = open;
    open(this.#waiting);
    this.#waiting = [];
  }
}
