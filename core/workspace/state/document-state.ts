import type { Checkpoint, Entry } from '../../checkpoint/checkpoint.ts';
import { lazyEntry } from '../../checkpoint/lazy-entry.ts';
import { NotFoundError } from '../../errors.ts';
import { bytesFor } from '../../ndarray/dtype.ts';
import type { LazyTensor } from '../../ndarray/lazy-tensor.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { Listing } from '../contract.ts';
import type { DocumentTotals } from '../summary.ts';
import { nearestName } from './nearest-name.ts';
import { type Change, type Metadata, type StoredTensor, stepsOf, type TensorState } from './tensor-state.ts';
import { TotalsCounter } from './totals.ts';

/**
 * The tensors of a document as they are now: those of the file plus the changes applied so far. A
 * change costs what it touches; the rest of the tensors is not looked at.
 */
export class DocumentState {
  readonly #stored = new Map<number, StoredTensor>();
  /** In document order; a deleted tensor keeps its place for undo. */
  readonly #current = new Map<number, TensorState | null>();
  readonly #ids = new Map<string, number>();
  readonly #totals = new TotalsCounter();
  #metadata: Metadata;
  #listing: Listing | null = null;
  #listingRevision = 0;

  /** `idOf` numbers the entries; ids of tensors survive renames and saves. */
  constructor(checkpoint: Checkpoint, idOf: (entry: Entry, position: number) => number) {
    this.#metadata = new Map(Object.entries(checkpoint.metadata));
    for (const [position, entry] of checkpoint.entries.entries()) {
      const id = idOf(entry, position);
      this.#stored.set(id, { entry, region: lazyEntry(checkpoint, entry).region });
      this.#current.set(id, null);
      this.#enter({ id, name: entry.name, dtype: entry.dtype, steps: null });
    }
  }

  get metadata(): Metadata {
    return this.#metadata;
  }

  get totals(): DocumentTotals {
    return this.#totals.totals();
  }

  /** How often names, dtypes or the set of tensors changed. */
  get listingRevision(): number {
    return this.#listingRevision;
  }

  get count(): number {
    return this.#ids.size;
  }

  /** The tensors that are there, in document order. */
  *tensors(): IterableIterator<TensorState> {
    for (const state of this.#current.values()) if (state) yield state;
  }

  names(): IterableIterator<string> {
    return this.#ids.keys();
  }

  has(name: string): boolean {
    return this.#ids.has(name);
  }

  /** Throws `NotFoundError` with the nearest name. */
  byName(name: string): TensorState {
    const id = this.#ids.get(name);
    if (id !== undefined) return this.byId(id);
    const near = nearestName(name, this.#ids.keys());
    const hint = near === null ? '' : ` Did you mean '${near}'?`;
    throw new NotFoundError(`There is no tensor named '${name}'.${hint}`, { name });
  }

  /** Throws `NotFoundError` where the tensor never was or is deleted. */
  byId(id: number): TensorState {
    const state = this.#current.get(id);
    if (state) return state;
    const stored = this.#stored.get(id);
    throw new NotFoundError(
      stored ? `Tensor '${stored.entry.name}' is deleted; undo brings it back.` : `There is no tensor number ${id}.`,
      { tensor: id },
    );
  }

  stored(id: number): StoredTensor {
    const stored = this.#stored.get(id);
    if (!stored) throw new NotFoundError(`There is no tensor number ${id}.`, { tensor: id });
    return stored;
  }

  /** The names in the file with their ids, deleted tensors among them. */
  *storedNames(): IterableIterator<[name: string, id: number]> {
    for (const [id, { entry }] of this.#stored) yield [entry.name, id];
  }

  lazy(id: number): LazyTensor {
    const { entry, region } = this.stored(id);
    const steps = stepsOf(this.byId(id)).map((link) => link.step);
    return { dtype: entry.dtype, shape: entry.shape, region, steps };
  }

  apply(change: Change): void {
    this.#replace(change, 'before', 'after');
  }

  revert(change: Change): void {
    this.#replace(change, 'after', 'before');
  }

  /** Everything old leaves before anything new enters, so that names may be swapped. */
  #replace({ tensors, metadata }: Change, from: 'before' | 'after', to: 'before' | 'after'): void {
    for (const change of tensors) {
      const old = change[from];
      if (old) this.#leave(old);
    }
    for (const change of tensors) {
      const next = change[to];
      if (next) this.#enter(next);
    }
    if (tensors.some((change) => listedAs(change.before) !== listedAs(change.after))) {
      this.#listingRevision += 1;
      this.#listing = null;
    }
    if (metadata) this.#metadata = metadata[to];
  }

  #enter(state: TensorState): void {
    this.#current.set(state.id, state);
    this.#ids.set(state.name, state.id);
    this.#totals.add(state.dtype, elementCount(this.stored(state.id).entry.shape));
  }

  #leave(state: TensorState): void {
    this.#current.set(state.id, null);
    this.#ids.delete(state.name);
    this.#totals.remove(state.dtype, elementCount(this.stored(state.id).entry.shape));
  }

  listing(): Listing {
    this.#listing ??= this.#makeListing();
    return this.#listing;
  }

  #makeListing(): Listing {
    const states = [...this.tensors()];
    const shapes = states.map(({ id }) => this.stored(id).entry.shape);
    return {
      ids: Uint32Array.from(states, ({ id }) => id),
      names: states.map(({ name }) => name),
      dtypes: states.map(({ dtype }) => dtype),
      shapes,
      bytes: Float64Array.from(states, ({ dtype }, i) => bytesFor(dtype, elementCount(shapes[i] ?? []))),
    };
  }
}

/** What the listing shows of a tensor's state, as one comparable value. */
function listedAs(state: TensorState | null): string | null {
  return state && `${state.dtype} ${state.name}`;
}
