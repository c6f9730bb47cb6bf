import type { Checkpoint, CheckpointFile, CheckpointFormat, Entry } from '../../checkpoint/checkpoint.ts';
import { lazyEntry } from '../../checkpoint/lazy-entry.ts';
import { NotFoundError } from '../../errors.ts';
import { bytesFor } from '../../ndarray/dtype.ts';
import type { FileRegion, LazyTensor } from '../../ndarray/lazy-tensor.ts';
import { elementCount, type Shape } from '../../ndarray/shape.ts';
import type { Listing } from '../contract.ts';
import type { DocumentTotals } from '../summary.ts';
import { nearestName } from './nearest-name.ts';
import { Sharing, tieKey } from './sharing.ts';
import { type Change, type Metadata, stepsOf, type TensorState } from './tensor-state.ts';
import { TotalsCounter } from './totals.ts';

/** Of a storage with ten thousand views nobody reads more. */
const MAX_SHARING = 100;

/**
 * The tensors of a document as they are now: those of the file plus the changes applied so far. A
 * change costs what it touches; the rest of the tensors is not looked at.
 */
export class DocumentState {
  readonly #checkpoint: Checkpoint;
  /** Ids in document order; a deleted tensor keeps its place for undo. */
  readonly #order: number[];
  readonly #newId: () => number;
  /** By id; tensors that the file does not hold have none. */
  readonly #entries: Entry[] = [];
  /** By id: null where deleted, absent where nobody has asked yet. */
  readonly #states: (TensorState | null | undefined)[] = [];
  /** Made when a name is first looked up: opening a file needs none. */
  #ids: Map<string, number> | null = null;
  readonly #sharing = new Sharing(() => this.#storedEntries());
  readonly #totals = new TotalsCounter();
  /** How many tensors belong to each file. */
  readonly #inFile: number[] = [];
  #count = 0;
  #metadata: Metadata;
  #listing: Listing | null = null;
  #listingRevision = 0;

  /** `idOf` numbers the entries, `newId` the tensors to come; ids of tensors survive renames and saves. */
  constructor(
    checkpoint: Checkpoint,
    idOf: (entry: Entry, position: number) => number,
    newId: () => number = countFrom(checkpoint.entries.length),
  ) {
    this.#checkpoint = checkpoint;
    this.#newId = newId;
    this.#metadata = new Map(Object.entries(checkpoint.metadata));
    this.#order = checkpoint.entries.map(idOf);
    for (const [position, entry] of checkpoint.entries.entries()) {
      this.#entries[this.#order[position] ?? position] = entry;
      this.#totals.add(entry.dtype, elementCount(entry.shape));
      this.#countIn(entry.file, 1);
    }
    this.#count = checkpoint.entries.length;
  }

  /** The same tensors, to be changed apart from these: what is applied to one is not to the other. */
  fork(): DocumentState {
    const stored = this.#order.filter((id) => this.#entries[id] !== undefined);
    const fork = new DocumentState(this.#checkpoint, (_entry, position) => stored[position] ?? position, this.#newId);
    const tensors = this.#order.map((id) => ({ before: fork.#stateOf(id), after: this.#stateOf(id) }));
    fork.apply({ tensors, metadata: { before: fork.#metadata, after: this.#metadata } });
    for (const [position, id] of this.#order.entries()) {
      fork.#order[position] = id;
      // One that came and went has no entry to tell that it is known.
      if (this.#states[id] === null) fork.#states[id] = null;
    }
    return fork;
  }

  get format(): CheckpointFormat {
    return this.#checkpoint.format;
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
    return this.#count;
  }

  /** The tensors that are there, in document order. */
  *tensors(): IterableIterator<TensorState> {
    for (const id of this.#order) {
      const state = this.#stateOf(id);
      if (state) yield state;
    }
  }

  has(name: string): boolean {
    return this.#idByName().has(name);
  }

  /** Throws `NotFoundError` with the nearest name. */
  byName(name: string): TensorState {
    const id = this.#idByName().get(name);
    if (id !== undefined) return this.byId(id);
    const near = nearestName(name, this.#idByName().keys());
    const hint = near === null ? '' : ` Did you mean '${near}'?`;
    throw new NotFoundError(`There is no tensor named '${name}'.${hint}`, { name });
  }

  /** Throws `NotFoundError` where the tensor never was or is deleted. */
  byId(id: number): TensorState {
    const state = this.#stateOf(id);
    if (state) return state;
    const entry = this.#entries[id];
    throw new NotFoundError(
      entry ? `Tensor '${entry.name}' is deleted; undo brings it back.` : `There is no tensor number ${id}.`,
      { tensor: id },
    );
  }

  /** A number for a tensor that is not there yet. */
  newId(): number {
    return this.#newId();
  }

  /** The tensor before its steps: as it lies on disk, deleted or not, or what stands for a value of its own. Throws `NotFoundError`. */
  entry(id: number): Entry {
    const entry = this.#states[id]?.value?.entry ?? this.#entries[id];
    if (!entry) throw new NotFoundError(`There is no tensor number ${id}.`, { tensor: id });
    return entry;
  }

  /** The tensor as it lies on disk, whatever value it has now; null for one that the file does not hold. */
  stored(id: number): Entry | null {
    return this.#entries[id] ?? null;
  }

  /** The last of the files that have tensors. */
  get lastFile(): number {
    return Math.max(
      0,
      this.#inFile.findLastIndex((count) => count > 0),
    );
  }

  /** The file that new values stand on. */
  get file(): CheckpointFile {
    const [file] = this.#checkpoint.files;
    if (!file) throw new NotFoundError('The document has no file.');
    return file;
  }

  /** The tensor's stored bytes; of a value of its own those that it will take. */
  region(id: number): FileRegion {
    return this.#value(id).region;
  }

  /** Where the file stores the tensor, whatever its value is by now; null for one that it does not hold. */
  storedRegion(id: number): FileRegion | null {
    const entry = this.#entries[id];
    return entry ? lazyEntry(this.#checkpoint, entry).region : null;
  }

  #value(id: number): LazyTensor {
    return this.#states[id]?.value?.lazy ?? lazyEntry(this.#checkpoint, this.entry(id));
  }

  /** The names of the tensors that share stored bytes with one or are tied to it, as they are now, at most 100 by default. */
  sharing(id: number, most = MAX_SHARING): string[] {
    const stored = this.stored(id);
    const tie = this.#stateOf(id)?.tie;
    const others = new Set(stored ? this.#sharing.group(stored) : []);
    if (typeof tie === 'number') for (const member of this.#sharing.tied(tie)) others.add(member);
    const names: string[] = [];
    for (const other of others) {
      const state = other === id ? null : this.#stateOf(other);
      if (state) names.push(state.name);
      if (names.length === most) break;
    }
    return names;
  }

  /** The other tensors that are the same elements as one, edits included. */
  tiedTo(tensor: TensorState): TensorState[] {
    const stored = this.stored(tensor.id);
    const key = tieKey(tensor, stored);
    if (key === null) return [];
    const others =
      typeof tensor.tie === 'number' ? this.#sharing.tied(tensor.tie) : stored && this.#sharing.group(stored);
    return [...(others ?? [])].flatMap((id) => {
      // A storage may have ten thousand views: most are told apart by where they begin.
      const mayBe = typeof tensor.tie === 'number' || this.stored(id)?.offset === stored?.offset;
      const other = id === tensor.id || !mayBe ? null : this.#stateOf(id);
      return other && tieKey(other, this.stored(id)) === key ? [other] : [];
    });
  }

  /** The names in the file with their ids, deleted tensors among them. */
  *storedNames(): IterableIterator<[name: string, id: number]> {
    for (const [id, { name }] of this.#storedEntries()) yield [name, id];
  }

  *#storedEntries(): IterableIterator<[id: number, entry: Entry]> {
    for (const id of this.#order) {
      const entry = this.#entries[id];
      if (entry) yield [id, entry];
    }
  }

  lazy(id: number): LazyTensor {
    const steps = stepsOf(this.byId(id)).map((link) => link.step);
    return { ...this.#value(id), steps };
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
    if (this.#states[state.id] === undefined && this.#entries[state.id] === undefined) this.#place(state);
    this.#states[state.id] = state;
    this.#sharing.enter(state);
    this.#ids?.set(state.name, state.id);
    const { shape, file } = this.entry(state.id);
    this.#totals.add(state.dtype, elementCount(shape));
    this.#countIn(file, 1);
    this.#count += 1;
  }

  #countIn(file: number, change: 1 | -1): void {
    this.#inFile[file] = (this.#inFile[file] ?? 0) + change;
  }

  /** A new tensor keeps its place when it is undone, for redo. */
  #place({ id, value }: TensorState): void {
    const after = value?.after ?? null;
    const position = after === null ? -1 : this.#order.indexOf(after);
    if (position < 0) this.#order.push(id);
    else this.#order.splice(position + 1, 0, id);
  }

  #leave(state: TensorState): void {
    const { shape, file } = this.entry(state.id);
    this.#totals.remove(state.dtype, elementCount(shape));
    this.#countIn(file, -1);
    this.#states[state.id] = null;
    this.#sharing.leave(state);
    this.#ids?.delete(state.name);
    this.#count -= 1;
  }

  #stateOf(id: number): TensorState | null {
    const known = this.#states[id];
    if (known !== undefined) return known;
    const entry = this.#entries[id];
    if (!entry) return null;
    const state = { id, name: entry.name, dtype: entry.dtype, value: null, steps: null };
    this.#states[id] = state;
    return state;
  }

  #idByName(): Map<string, number> {
    this.#ids ??= this.#makeIds();
    return this.#ids;
  }

  #makeIds(): Map<string, number> {
    const ids = new Map<string, number>();
    for (const id of this.#order) {
      const state = this.#states[id];
      if (state !== null) ids.set((state ?? this.entry(id)).name, id);
    }
    return ids;
  }

  listing(): Listing {
    this.#listing ??= this.#makeListing();
    return this.#listing;
  }

  #makeListing(): Listing {
    const count = this.#count;
    const listing = {
      ids: new Uint32Array(count),
      names: new Array<string>(count),
      dtypes: new Array<string>(count),
      shapes: new Array<Shape>(count),
      bytes: new Float64Array(count),
    };
    const tied = this.#tiedRows();
    let row = 0;
    for (const { id, name, dtype } of this.tensors()) {
      const { shape } = this.entry(id);
      listing.ids[row] = id;
      listing.names[row] = name;
      listing.dtypes[row] = dtype;
      listing.shapes[row] = shape;
      listing.bytes[row] = bytesFor(dtype, elementCount(shape));
      row += 1;
    }
    return tied ? { ...listing, tied } : listing;
  }

  /** Null where no two tensors are the same elements. */
  #tiedRows(): Uint8Array | null {
    const rows = new Map<string, number[]>();
    let row = 0;
    for (const tensor of this.tensors()) {
      const key = tieKey(tensor, this.stored(tensor.id));
      const members = key === null ? undefined : rows.get(key);
      if (members) members.push(row);
      else if (key !== null) rows.set(key, [row]);
      row += 1;
    }
    const tied = [...rows.values()].filter((members) => members.length > 1);
    if (tied.length === 0) return null;
    const flags = new Uint8Array(this.#count);
    for (const member of tied.flat()) flags[member] = 1;
    return flags;
  }
}

function countFrom(start: number): () => number {
  let next = start;
  return () => next++;
}

/** What the listing shows of a tensor's state, as one comparable value. */
function listedAs(state: TensorState | null): string | null {
  return state && `${state.dtype} ${state.value?.entry.shape.join() ?? ''} ${state.tie} ${state.name}`;
}
