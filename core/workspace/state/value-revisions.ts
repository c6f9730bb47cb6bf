import type { TensorChange } from './tensor-state.ts';

/** Tells for each tensor whether its value may have changed since one looked last. */
export class ValueRevisions {
  readonly #byTensor = new Map<number, number>();
  #ofAll = 0;
  #last = 0;

  of(tensor: number): number {
    return Math.max(this.#ofAll, this.#byTensor.get(tensor) ?? 0);
  }

  noteChanges(changes: readonly TensorChange[]): void {
    for (const { before, after } of changes) {
      const id = before?.id ?? after?.id;
      if (id !== undefined && before?.steps !== after?.steps) this.#byTensor.set(id, ++this.#last);
    }
  }

  /** The files were read anew. */
  noteAll(): void {
    this.#byTensor.clear();
    this.#ofAll = ++this.#last;
  }
}
