import type { Edit } from './edits.ts';
import type { PlannedEdit } from './plan/planned-edit.ts';
import type { HistoryItem } from './summary.ts';

/** An edit with what it changes, so that it can be done and undone without planning it again. */
export interface Step extends PlannedEdit {
  readonly edit: Edit;
}

/** The edits since the last save, and how many of them are done. Undo and redo know no limit. */
export class History {
  #steps: Step[] = [];
  #done = 0;

  get doneCount(): number {
    return this.#done;
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  /** What undo would revert. */
  get last(): Step | null {
    return this.#steps[this.#done - 1] ?? null;
  }

  /** What redo would apply. */
  get next(): Step | null {
    return this.#steps[this.#done] ?? null;
  }

  /** Adds a step that was just applied; what had been undone is gone. */
  push(step: Step): void {
    this.#steps.length = this.#done;
    this.#steps.push(step);
    this.#done += 1;
  }

  moveBack(): void {
    this.#done = Math.max(0, this.#done - 1);
  }

  moveForward(): void {
    this.#done = Math.min(this.#steps.length, this.#done + 1);
  }

  clear(): void {
    this.#steps = [];
    this.#done = 0;
  }

  doneEdits(): Edit[] {
    return this.#steps.slice(0, this.#done).map(({ edit }) => edit);
  }

  items(): HistoryItem[] {
    return this.#steps.map(({ label, tensors }, i) => ({ label, tensors, done: i < this.#done }));
  }
}
