import { FileSource, stampOf } from '../../checkpoint/byte-source.ts';
import { packInThread } from '../../checkpoint/hdf5/chunk-threads.ts';
import { readSuperblock } from '../../checkpoint/hdf5/superblock.ts';
import { AttributeEdits } from '../../checkpoint/hdf5/write/attribute-edits.ts';
import { newDataset, type Packing, rewriting } from '../../checkpoint/hdf5/write/dataset-object.ts';
import { type HdfLayout, layoutHdf5 } from '../../checkpoint/hdf5/write/layout.ts';
import type { FileRun, HdfFile, HdfObject } from '../../checkpoint/hdf5/write/model.ts';
import { ObjectPaths } from '../../checkpoint/hdf5/write/object-paths.ts';
import { packedStorage, unpackedChunks } from '../../checkpoint/hdf5/write/pack-chunks.ts';
import { renameObjects } from '../../checkpoint/hdf5/write/rename-objects.ts';
import { readObjects } from '../../checkpoint/hdf5/write/stored-objects.ts';
import { WeightLists } from '../../checkpoint/keras/weight-lists.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { OriginalFile, Segment } from './content.ts';
import { wholeSegment } from './file-content.ts';
import type { Preparation } from './format-writer.ts';
import type { Hdf5Subject } from './hdf5-content.ts';
import { evaluatedNumbers } from './hdf5-numbers.ts';
import { type SavedTensor, savedTensors, staysInPlace } from './saved-tensor.ts';

/** What is written where the HDF5 file shall stand. */
export interface Hdf5Body {
  readonly nbytes: number;
  readonly segments: (to: number) => Segment[];
}

/** A tensor whose stored bytes are made when the save begins. */
interface Pending {
  readonly tensor: SavedTensor;
  readonly object: HdfObject;
  readonly packing: Packing;
}

/** An HDF5 file whose structure is written anew: names, dtypes, shapes, attributes, datasets that went and came. */
export class Hdf5Rewrite {
  readonly #subject: Hdf5Subject;
  readonly #file: OriginalFile;
  readonly #tensors: readonly SavedTensor[];
  readonly #pending: Pending[] = [];
  readonly #hdf: HdfFile;
  /** Where the superblock stands behind the start of the file, or of the member that it is. */
  readonly #base: number;

  private constructor(subject: Hdf5Subject, { file, hdf, base }: { file: OriginalFile; hdf: HdfFile; base: number }) {
    this.#subject = subject;
    this.#file = file;
    this.#hdf = hdf;
    this.#base = base;
    this.#tensors = savedTensors(subject.state);
  }

  /** `attributes` are the root's that change; null for one that goes. */
  static async plan(subject: Hdf5Subject, attributes: ReadonlyMap<string, string | null>): Promise<Hdf5Rewrite> {
    const { checkpoint } = subject;
    const [original] = checkpoint.files;
    if (!original) throw new TypeError(`${checkpoint.path} has no file.`);
    const { file, root, style, end } = await readSuperblock(FileSource.known(original), checkpoint.container.extent);
    const hdf = await readObjects(file, { root, style });
    const plan = new Hdf5Rewrite(subject, { file: original, hdf, base: end.base });
    const edits = new AttributeEdits(file);
    const lists = new WeightLists(hdf.root, edits);
    plan.#edit();
    lists.mend();
    for (const [name, value] of attributes) {
      if (value === null) edits.remove(hdf.root, name);
      else edits.set(hdf.root, name, value);
    }
    return plan;
  }

  /** Whether `body` is an estimate until `prepare` is done. */
  get isEstimate(): boolean {
    return this.#pending.length > 0;
  }

  async body(packed: OriginalFile | null = null): Promise<Hdf5Body> {
    const layout = await layoutHdf5(this.#hdf, this.#base);
    const nbytes = this.#base + layout.total;
    return { nbytes, segments: (to) => this.#segments(layout, { to, packed }) };
  }

  /** The body with all chunks made. */
  async prepared(work: Preparation): Promise<Hdf5Body> {
    const stored = await work.scratch();
    for (const { tensor, object, packing } of this.#pending) {
      const { shape } = tensor;
      const runs = [{ start: 0, count: elementCount(shape) }];
      const numbers = await evaluatedNumbers(this.#subject.state.lazy(tensor.id), runs, work);
      object.storage = packedStorage(packing, await packInThread({ ...packing, shape, numbers, stored }, work.signal));
    }
    return await this.body({ path: stored, stamp: await stampOf(stored) });
  }

  #edit(): void {
    const { checkpoint } = this.#subject;
    const present = new Map<string, SavedTensor>();
    for (const [index, tensor] of this.#tensors.entries()) {
      if (!tensor.origin) continue;
      present.set(tensor.origin.name, tensor);
      if (tensor.edited) this.#rewrite(tensor, index);
    }
    const changes = checkpoint.entries.map(({ name: from }) => ({ from, to: present.get(from)?.name ?? null }));
    const whole = changes.filter(({ from }) => checkpoint.objects.get(from)?.field === null);
    const pinned = Array.from(checkpoint.rewriting.leaves, (path) => ({ from: path, to: path }));
    const added = this.#tensors.flatMap((tensor, index) => (tensor.origin ? [] : [this.#added(tensor, index)]));
    const fixed = new Set(checkpoint.rewriting.otherNames.keys());
    renameObjects(new ObjectPaths(this.#hdf), { present: [...whole, ...pinned], added, fixed });
  }

  /** Gives a dataset other elements. */
  #rewrite(tensor: SavedTensor, index: number): void {
    const { origin, nbytes } = tensor;
    const object = this.#hdf.objects.get(this.#subject.checkpoint.objects.get(origin?.name ?? '')?.address ?? -1);
    if (!object) throw new TypeError(`'${tensor.name}' is no object of the file.`);
    const inOneRun = { kind: 'contiguous', nbytes, data: valuesOf(tensor, index) } as const;
    if (staysInPlace(tensor) && object.storage?.kind === 'contiguous') {
      object.storage = inOneRun;
      return;
    }
    const { messages, attributes, packing } = rewriting(object, tensor);
    object.messages = messages;
    object.attributes = attributes;
    object.storage = inOneRun;
    if (!packing.chunk && packing.swap === 1) return;
    this.#pending.push({ tensor, object, packing });
    object.storage = packedStorage(packing, unpackedChunks({ ...packing, shape: tensor.shape }));
  }

  #added(tensor: SavedTensor, index: number): { name: string; object: HdfObject } {
    const { name, nbytes } = tensor;
    const data = valuesOf(tensor, index);
    const { version, flags } = this.#hdf.root.style;
    const style = { version, flags: flags & ~HEADER_EXTRAS, extras: Buffer.alloc(0) };
    return { name, object: newDataset(tensor, { kind: 'contiguous', nbytes, data }, style) };
  }

  #segments(
    { pieces }: HdfLayout,
    { to: start, packed }: { readonly to: number; readonly packed: OriginalFile | null },
  ): Segment[] {
    const from = this.#subject.checkpoint.container.extent.start;
    const before: Segment = { kind: 'copy', to: start, file: this.#file, from, nbytes: this.#base };
    const segments = pieces.map((piece): Segment => {
      const to = start + this.#base + piece.to;
      return piece.kind === 'bytes' ? { kind: 'bytes', to, bytes: piece.bytes } : this.#data(piece.run, { to, packed });
    });
    return [before, ...segments];
  }

  #data(run: FileRun, { to, packed }: { readonly to: number; readonly packed: OriginalFile | null }): Segment {
    const start = this.#subject.checkpoint.container.extent.start + this.#base;
    switch (run.kind) {
      case 'copy':
        return { kind: 'copy', to, file: this.#file, from: start + run.from, nbytes: run.nbytes };
      case 'packed':
        // Until they are made, chunks count as if they were not compressed.
        return { kind: 'copy', to, file: packed ?? this.#file, from: run.from, nbytes: run.nbytes };
      case 'values':
        return this.#values(run.tensor, to);
    }
  }

  #values(index: number, to: number): Segment {
    const tensor = this.#tensors[index];
    if (!tensor) throw new TypeError(`The layout names tensor ${index} of ${this.#tensors.length}.`);
    return wholeSegment(this.#subject.state, tensor.state, to);
  }
}

/** Times, and numbers of attributes, which a new object has none of. */
const HEADER_EXTRAS = 0x3c;

/** Null where there are none. */
function valuesOf({ nbytes }: SavedTensor, tensor: number): FileRun | null {
  return nbytes === 0 ? null : { kind: 'values', tensor, nbytes };
}
