import type { Checkpoint, Entry } from '../checkpoint/checkpoint.ts';
import { InvalidStateError, ParascopeError } from '../errors.ts';
import type { Edit } from './edits.ts';
import { History, type Step } from './history.ts';
import { planEdit, planSelected } from './plan/plan-edit.ts';
import type { Selected } from './plan/selected.ts';
import { DocumentState } from './state/document-state.ts';
import type { Change } from './state/tensor-state.ts';

/**
 * A checkpoint with the edits made to it in memory: state and history move together. Knows nothing of
 * journals, saves or windows.
 */
export class EditSession {
  #state: DocumentState;
  #history = new History();
  #nextId = 0;
  /** Listing revisions of former states, so that the sum only rises. */
  #listingBase = 0;

  constructor(checkpoint: Checkpoint) {
    this.#state = this.#stateOf(checkpoint, () => undefined);
  }

  get state(): DocumentState {
    return this.#state;
  }

  get history(): History {
    return this.#history;
  }

  get listingRevision(): number {
    return this.#listingBase + this.#state.listingRevision;
  }

  plan(edit: Edit): Promise<Step> {
    return planned(this.#state, edit);
  }

  async planSelected(selected: Selected): Promise<Step> {
    const plan = await planSelected(this.#state, selected);
    return { edit: { kind: 'batch', edits: selected.edits }, ...plan };
  }

  /** The edits that are done, as a replay needs them. */
  doneEdits(): readonly Edit[] {
    return this.#history.doneEdits();
  }

  do(step: Step): Change {
    this.#state.apply(step.change);
    this.#history.push(step);
    return step.change;
  }

  /** Throws `InvalidStateError` where there is nothing to undo. */
  stepBack(): Step {
    return this.#history.last ?? nothingTo('undo');
  }

  undo(step: Step): Change {
    this.#state.revert(step.change);
    this.#history.moveBack();
    return step.change;
  }

  /** Throws `InvalidStateError` where there is nothing to redo. */
  stepForward(): Step {
    return this.#history.next ?? nothingTo('redo');
  }

  redo(step: Step): Change {
    this.#state.apply(step.change);
    this.#history.moveForward();
    return step.change;
  }

  /** Does all of `edits`, or none of them and throws `InvalidStateError` naming the one that failed. */
  async replay(edits: readonly Edit[]): Promise<Change[]> {
    const steps = await appliedAll(this.#state, edits);
    for (const step of steps) this.#history.push(step);
    return steps.map(({ change }) => change);
  }

  /** Goes on with what a save wrote: ids follow the current names, and a new history begins. */
  rebase(checkpoint: Checkpoint): void {
    const saved = [...this.#state.tensors()];
    let ids: Map<string, number> | null = null;
    const known = ({ name }: Entry, position: number): number | undefined => {
      // Mostly the order is the same, and a map of 200,000 names takes a while.
      const here = saved[position];
      if (here?.name === name) return here.id;
      ids ??= new Map(saved.map((tensor) => [tensor.name, tensor.id]));
      return ids.get(name);
    };
    this.#replaceState(this.#stateOf(checkpoint, known));
    this.#history = new History();
  }

  /** Drops the edits and goes on with what is on disk; ids follow the names in the file. */
  restart(checkpoint: Checkpoint): void {
    this.#replaceState(this.#stateOf(checkpoint, this.#storedIds()));
    this.#history = new History();
  }

  /**
   * Does the edits again on what is on disk now. Throws `InvalidStateError` where one of them does not
   * fit; all is then as before.
   */
  async reapply(checkpoint: Checkpoint): Promise<void> {
    const state = this.#stateOf(checkpoint, this.#storedIds());
    const steps = await appliedAll(state, this.#history.doneEdits());
    this.#replaceState(state);
    this.#history = new History();
    for (const step of steps) this.#history.push(step);
  }

  #replaceState(state: DocumentState): void {
    this.#listingBase = this.listingRevision + 1;
    this.#state = state;
  }

  #storedIds(): (entry: Entry) => number | undefined {
    const ids = new Map([...this.#state.storedNames()]);
    return ({ name }) => ids.get(name);
  }

  #stateOf(checkpoint: Checkpoint, known: (entry: Entry, position: number) => number | undefined): DocumentState {
    return new DocumentState(
      checkpoint,
      (entry, position) => known(entry, position) ?? this.#nextId++,
      () => this.#nextId++,
    );
  }
}

async function planned(state: DocumentState, edit: Edit): Promise<Step> {
  return { edit, ...(await planEdit(state, edit)) };
}

/** Applies `edits` one after the other, for each is planned against what the one before left. */
async function appliedAll(state: DocumentState, edits: readonly Edit[]): Promise<Step[]> {
  const steps: Step[] = [];
  for (const [i, edit] of edits.entries()) {
    try {
      const step = await planned(state, edit);
      state.apply(step.change);
      steps.push(step);
    } catch (error) {
      for (const { change } of steps.toReversed()) state.revert(change);
      if (!(error instanceof ParascopeError)) throw error;
      throw new InvalidStateError(
        `Edit ${i + 1} of ${edits.length} (${edit.kind}) does not fit the file any more: ${error.message} None of the edits was done.`,
        { edit: i + 1 },
      );
    }
  }
  return steps;
}

function nothingTo(what: 'undo' | 'redo'): never {
  throw new InvalidStateError(`There is nothing to ${what}.`);
}
