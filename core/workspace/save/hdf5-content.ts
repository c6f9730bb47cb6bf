import { FileSource, stampOf } from '../../checkpoint/byte-source.ts';
import type { Entry } from '../../checkpoint/checkpoint.ts';
import { repackInThread } from '../../checkpoint/hdf5/chunk-threads.ts';
import { type HdfPatch, withChecksums } from '../../checkpoint/hdf5/guarded-patches.ts';
import type { Hdf5Checkpoint } from '../../checkpoint/hdf5/hdf5-checkpoint.ts';
import type { Repacked } from '../../checkpoint/hdf5/repack.ts';
import { readSuperblock } from '../../checkpoint/hdf5/superblock.ts';
import { sealedMembers } from '../../checkpoint/zip/seal-fields.ts';
import { InvalidArgumentError } from '../../errors.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { TensorState } from '../state/tensor-state.ts';
import type { OriginalFile, Segment } from './content.ts';
import type { FileContent } from './file-content.ts';
import type { Output, Preparation, SaveSubject } from './format-writer.ts';
import { evaluatedNumbers } from './hdf5-numbers.ts';
import { joinSegments } from './join-segments.ts';
import type { Seal } from './seals.ts';
import { changedElements, segmentsAt } from './stored-values.ts';

export interface Hdf5Subject extends SaveSubject {
  readonly checkpoint: Hdf5Checkpoint;
}

export type Hdf5Content = Pick<Output, 'content' | 'prepare'>;

/**
 * The file after edits of values. Elements that lie in it as they are become segments; those in chunks, in
 * headers or of the other byte order are worked out when the save begins.
 */
export async function planHdf5Content(subject: Hdf5Subject): Promise<Hdf5Content> {
  const { checkpoint, state } = subject;
  const [file] = checkpoint.files;
  if (!file) throw new TypeError(`${checkpoint.path} has no file.`);
  const segments: Segment[] = [];
  const repacked: TensorState[] = [];
  for (const tensor of state.tensors()) {
    const changed = changedElements(state, tensor);
    if (changed.length === 0) continue;
    const stored = storedIn(subject, tensor);
    const lies = checkpoint.objects.get(stored.name)?.layout === 'contiguous' && !stored.packed;
    const place = { start: 0, count: elementCount(stored.shape), to: stored.offset };
    if (lies) segments.push(...segmentsAt(state.lazy(tensor.id), place, changed));
    else repacked.push(tensor);
  }
  const isEdited = segments.length + repacked.length > 0;
  const seals = isEdited ? await sealsOf(checkpoint) : [];
  const content = { base: file, segments: joinSegments(segments), seals, size: file.stamp.size };
  if (repacked.length === 0) return { content };
  return { content, prepare: (work) => new Preparing(subject, file, work).content(content, repacked) };
}

function storedIn({ checkpoint, state }: Hdf5Subject, tensor: TensorState): Entry {
  const stored = state.stored(tensor.id);
  if (!stored) throw new InvalidArgumentError(`'${tensor.name}' is not in ${checkpoint.path}: no datasets are added.`);
  return stored;
}

/** The checksum that an archive has of its weights. */
async function sealsOf({ enclosure }: Hdf5Checkpoint): Promise<Seal[]> {
  if (!enclosure) return [];
  const { archive, member } = enclosure;
  const [sealed] = await sealedMembers(archive, [member]);
  if (!sealed) throw new TypeError(`${archive.source.name} has no member ${member.name}.`);
  const { offset, fields } = sealed;
  return [{ kind: 'crc32', start: offset, nbytes: member.compressed, at: fields, former: member.crc32 }];
}

class Preparing {
  readonly #segments: Segment[] = [];
  #end: number | null = null;

  constructor(
    readonly subject: Hdf5Subject,
    readonly file: OriginalFile,
    readonly work: Preparation,
  ) {}

  async content(content: FileContent, tensors: readonly TensorState[]): Promise<FileContent> {
    const { container, enclosure } = this.subject.checkpoint;
    const { extent } = container;
    const { file, end, guard } = await readSuperblock(FileSource.known(this.file), extent);
    const origin = extent.start + end.base;
    this.#end = enclosure ? null : end.value - end.base;
    const former = this.#end;
    const stored = await this.work.scratch();
    const all: Repacked['patches'][number][] = [];
    for (const tensor of tensors) all.push(...(await this.#repacked(tensor, stored)));
    if (this.#end !== null && this.#end !== former) {
      const patches = [endPatch(end, this.#end + end.base)];
      all.push(...(await withChecksums(file, patches, guard ? [guard] : [])));
    }
    const scratch: OriginalFile = { path: stored, stamp: await stampOf(stored) };
    for (const patch of all) {
      const to = origin + patch.address;
      if ('bytes' in patch) this.#segments.push({ kind: 'bytes', to, bytes: patch.bytes });
      else this.#segments.push({ kind: 'copy', to, file: scratch, from: patch.from, nbytes: patch.nbytes });
    }
    const size = this.#end === null ? content.size : Math.max(content.size, origin + this.#end);
    return { ...content, segments: [...content.segments, ...this.#segments], size };
  }

  async #repacked(tensor: TensorState, stored: string): Promise<Repacked['patches']> {
    const { checkpoint, state } = this.subject;
    const entry = storedIn(this.subject, tensor);
    const object = checkpoint.objects.get(entry.name)?.address ?? 0;
    const changed = changedElements(state, tensor);
    const numbers = await evaluatedNumbers(state.lazy(tensor.id), changed, this.work);
    const { extent } = checkpoint.container;
    const { name } = entry;
    const job = { file: this.file, extent, name, object, numbers, changed, stored, end: this.#end };
    const { patches, end } = await repackInThread(job, this.work.signal);
    this.#end = end;
    return patches;
  }
}

function endPatch({ at, width }: { readonly at: number; readonly width: number }, value: number): HdfPatch {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return { address: at, bytes: bytes.subarray(0, width) };
}
