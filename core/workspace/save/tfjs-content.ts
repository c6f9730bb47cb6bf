import { FileSource } from '../../checkpoint/byte-source.ts';
import { layoutGroup, type ShardLayout, type ShardPiece, type WeightFate } from '../../checkpoint/tfjs/layout.ts';
import { editModel, type WeightEdit } from '../../checkpoint/tfjs/model-text.ts';
import type { StoredWeight, TfjsCheckpoint } from '../../checkpoint/tfjs/tfjs-checkpoint.ts';
import { bytesFor } from '../../ndarray/dtype.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { TensorState } from '../state/tensor-state.ts';
import type { OriginalFile, Segment } from './content.ts';
import type { FileContent } from './file-content.ts';
import type { Output, OutputPlan, Preparation } from './format-writer.ts';
import { joinSegments } from './join-segments.ts';
import { realTarget } from './replacement.ts';
import { changedElements, keepsItsPlace, segmentsAt, storedOf } from './stored-values.ts';

/** All that saving a TensorFlow.js model writes: the files of weights that change, and the JSON where it does. */
export async function planTfjs(checkpoint: TfjsCheckpoint, state: DocumentState): Promise<OutputPlan> {
  const planning = new TfjsPlanning(checkpoint, state);
  const outputs: Output[] = [];
  const removes: OriginalFile[] = [];
  const emptied = new Set<number>();
  for (const group of checkpoint.groups) {
    for (const shard of layoutGroup(group, (weight) => planning.fateOf(weight))) {
      const file = fileAt(checkpoint, shard.file);
      if (shard.size === 0 && file.stamp.size > 0) {
        emptied.add(shard.file);
        removes.push({ path: await realTarget(file.path), stamp: file.stamp });
      } else {
        const output = await planning.shard(shard, file);
        if (output) outputs.push(output);
      }
    }
  }
  const model = await planning.model(emptied);
  if (model) {
    const kind = outputs.length + removes.length === 0 ? 'tfjs' : 'part';
    outputs.push({ target: await realTarget(checkpoint.path), content: model, kind });
  }
  return { outputs, removes };
}

function fileAt({ files, path }: TfjsCheckpoint, index: number): OriginalFile {
  const file = files[index];
  if (!file) throw new TypeError(`${path} has no file ${index}.`);
  return file;
}

class TfjsPlanning {
  readonly #tensors: readonly TensorState[];
  /** By the name in the file. */
  readonly #byOrigin = new Map<string, number>();

  constructor(
    readonly checkpoint: TfjsCheckpoint,
    readonly state: DocumentState,
  ) {
    this.#tensors = [...state.tensors()];
    for (const [index, tensor] of this.#tensors.entries()) {
      const stored = storedOf({ state }, tensor);
      if (stored) this.#byOrigin.set(stored.name, index);
    }
  }

  fateOf({ name, dtype }: StoredWeight): WeightFate {
    if (dtype === 'string') return { kind: 'kept' };
    const index = this.#byOrigin.get(name);
    const tensor = index === undefined ? undefined : this.#tensors[index];
    const stored = this.checkpoint.find(name);
    if (index === undefined || !tensor || !stored) return { kind: 'gone' };
    if (tensor.steps === null) return { kind: 'kept' };
    // Other values than the quantized ones would be rounded to their grid: they are stored as they are.
    const isInPlace = stored.stored === undefined && keepsItsPlace(tensor, stored);
    if (isInPlace) return { kind: 'patched', tensor: index };
    const nbytes = bytesFor(tensor.dtype, elementCount(this.state.entry(tensor.id).shape));
    return { kind: 'anew', tensor: index, nbytes };
  }

  /** Null where the file stays as it is. */
  async shard(layout: ShardLayout, file: OriginalFile): Promise<Output | null> {
    const parts = layout.pieces.map((piece) => this.#part(piece, { layout, file }));
    const segments = joinSegments(parts.flatMap(({ segments }) => segments));
    const split = parts.flatMap(({ split }) => split);
    if (layout.staysPut && segments.length + split.length === 0) return null;
    const content: FileContent = { base: layout.staysPut ? file : null, segments, size: layout.size };
    const output: Output = { target: await realTarget(file.path), content, kind: 'part' };
    if (split.length === 0) return output;
    return { ...output, prepare: async (work) => withSplit(content, split, work) };
  }

  #part(
    piece: ShardPiece,
    { layout, file }: { readonly layout: ShardLayout; readonly file: OriginalFile },
  ): { segments: Segment[]; split: SplitElement[] } {
    if (piece.kind === 'copy') return { segments: layout.staysPut ? [] : [{ ...piece, file }], split: [] };
    const tensor = this.#tensors[piece.tensor];
    if (!tensor) throw new TypeError(`The layout names tensor ${piece.tensor} of ${this.#tensors.length}.`);
    const lazy = this.state.lazy(tensor.id);
    const itemsize = bytesFor(tensor.dtype, 1);
    const first = Math.ceil(piece.start / itemsize);
    const last = Math.floor((piece.start + piece.nbytes) / itemsize);
    const whole = { start: 0, count: elementCount(lazy.shape) };
    const changed = layout.staysPut ? changedElements(this.state, tensor) : [whole];
    const place = { start: first, count: Math.max(0, last - first), to: piece.to + first * itemsize - piece.start };
    return { segments: segmentsAt(lazy, place, changed), split: splitElements(piece, { tensor: lazy, itemsize }) };
  }

  async model(emptied: ReadonlySet<number>): Promise<FileContent | null> {
    const { checkpoint } = this;
    const renamed = new Map<string, string>();
    for (const tensor of this.#tensors) {
      const origin = storedOf(this, tensor)?.name ?? tensor.name;
      if (origin !== tensor.name && checkpoint.nodes.has(origin)) renamed.set(origin, tensor.name);
    }
    const metadata = metadataChanges(checkpoint.metadata, this.state.metadata);
    const source = FileSource.known(checkpoint.model);
    const text = Buffer.from(await source.read(0, source.size)).toString('utf8');
    const edited = editModel(text, {
      weight: (group, index) => this.#weightEdit(checkpoint.groups[group]?.weights[index]),
      isEmptied: (group, path) => emptied.has((checkpoint.groups[group]?.firstFile ?? 0) + path),
      renamed,
      metadata,
    });
    if (edited === text) return null;
    const bytes = Buffer.from(edited, 'utf8');
    return { base: null, segments: [{ kind: 'bytes', to: 0, bytes }], size: bytes.length };
  }

  #weightEdit(weight: StoredWeight | undefined): WeightEdit | null | undefined {
    if (!weight || weight.dtype === 'string') return undefined;
    const tensor = this.#tensors[this.#byOrigin.get(weight.name) ?? -1];
    const stored = this.checkpoint.find(weight.name);
    if (!tensor || !stored) return null;
    const { shape } = this.state.entry(tensor.id);
    const isSame = shape.join() === stored.shape.join();
    const plain = stored.stored !== undefined && tensor.steps !== null;
    return { name: tensor.name, dtype: tensor.dtype, shape: isSame ? null : shape, plain };
  }
}

function metadataChanges(
  before: Readonly<Record<string, string>>,
  after: ReadonlyMap<string, string>,
): Map<string, string | null> {
  const changes = new Map<string, string | null>();
  for (const key of Object.keys(before)) if (!after.has(key)) changes.set(key, null);
  for (const [key, value] of after) if (before[key] !== value) changes.set(key, value);
  return changes;
}

/** An element of which a file holds only a part: files are cut by bytes, and weights of one byte shift what follows. */
interface SplitElement {
  readonly tensor: ReturnType<DocumentState['lazy']>;
  readonly element: number;
  /** Which bytes of the element. */
  readonly from: number;
  readonly nbytes: number;
  readonly to: number;
}

function splitElements(
  piece: Extract<ShardPiece, { kind: 'values' }>,
  { tensor, itemsize }: { readonly tensor: SplitElement['tensor']; readonly itemsize: number },
): SplitElement[] {
  const stop = piece.start + piece.nbytes;
  const found: SplitElement[] = [];
  const add = (start: number, end: number): void => {
    const element = Math.floor(start / itemsize);
    const from = start - element * itemsize;
    found.push({ tensor, element, from, nbytes: end - start, to: piece.to + start - piece.start });
  };
  const head = Math.min(Math.ceil(piece.start / itemsize) * itemsize, stop);
  if (head > piece.start) add(piece.start, head);
  const tail = Math.max(Math.floor(stop / itemsize) * itemsize, head);
  if (stop > tail) add(tail, stop);
  return found;
}

async function withSplit(
  content: FileContent,
  split: readonly SplitElement[],
  { engine, signal }: Preparation,
): Promise<FileContent> {
  const segments: Segment[] = [...content.segments];
  for (const { tensor, element, from, nbytes, to } of split) {
    const bytes = await engine.read(tensor, element, 1, { signal, priority: 'background' });
    segments.push({ kind: 'bytes', to, bytes: bytes.subarray(from, from + nbytes) });
  }
  return { ...content, segments };
}
