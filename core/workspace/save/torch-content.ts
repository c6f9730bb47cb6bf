import { PickleObject, type PickleValue } from '../../checkpoint/pickle/values.ts';
import { writePickle } from '../../checkpoint/pickle/write.ts';
import { reparseArchive } from '../../checkpoint/pytorch/archive.ts';
import { archiveKeys } from '../../checkpoint/pytorch/storage-keys.ts';
import { StructureEditor } from '../../checkpoint/pytorch/structure-editor.ts';
import { TensorNodes } from '../../checkpoint/pytorch/tensor-nodes.ts';
import type { OpenArchive, TorchPart } from '../../checkpoint/pytorch/torch-checkpoint.ts';
import type { FoundTensor } from '../../checkpoint/pytorch/walk.ts';
import { formerRecords } from '../../checkpoint/zip/layout.ts';
import type { ZipMember } from '../../checkpoint/zip/member.ts';
import { InvalidArgumentError, InvalidStateError } from '../../errors.ts';
import type { DocumentState } from '../state/document-state.ts';
import { tieKey } from '../state/sharing.ts';
import { type ArchiveMember, archiveContent } from './archive-content.ts';
import type { OriginalFile, Segment } from './content.ts';
import { changedSegments, type FileContent } from './file-content.ts';
import { patchedCopy } from './patched-copy.ts';
import type { SavedTensor } from './saved-tensor.ts';
import { pickleMember, recordMember, TORCH_ALIGNMENT } from './torch-members.ts';
import type { TorchTensors } from './torch-patch.ts';
import { writingsOf } from './torch-sharing.ts';

/**
 * An archive of `torch.save` with its pickle written anew: names, dtypes, tensors that went and came. All
 * that is no tensor is the same, object for object; records are copied, and what is new becomes a record of
 * its own.
 *
 * @throws InvalidStateError where the file is none whose pickle can be written anew.
 * @throws InvalidArgumentError naming the tensor that has no place in it.
 */
export async function torchContent(part: TorchPart, { state, tensors: saved }: TorchTensors): Promise<FileContent> {
  const { opened, file } = part;
  if (!opened) {
    throw new InvalidStateError('Only values can be changed in a PyTorch file of this kind. Save as safetensors.');
  }
  const { parsed, tensors } = await reparseArchive(opened);
  const rewrite = new PickleRewrite({ part, opened, saved, tensors, root: parsed.value });
  if (opened.bigEndian && rewrite.fresh.size > 0) {
    throw new InvalidStateError(
      'The file is big-endian, and new records could not be written beside the old. Save as safetensors.',
    );
  }
  const pickle = writePickle(parsed.value, parsed.protocol);
  return await archiveOf({ opened, file, state, rewrite, pickle });
}

interface RewriteParts {
  readonly part: TorchPart;
  readonly opened: OpenArchive;
  readonly saved: readonly SavedTensor[];
  readonly tensors: readonly FoundTensor[];
  readonly root: PickleValue;
}

/** Changes a parsed pickle in place, and keeps account of the records. */
class PickleRewrite {
  /** New records by key. */
  readonly fresh = new Map<string, SavedTensor>();
  /** Tensors whose records are patched. */
  readonly patched: readonly SavedTensor[];
  /** Keys that nothing in the pickle names any more. */
  readonly gone: ReadonlySet<string>;
  readonly #nodes = new TensorNodes();
  #nextKey: number;
  /** New records of tensors that were tied, by what they hold. */
  readonly #tied = new Map<string, string>();

  constructor({ part, opened, saved, tensors, root }: RewriteParts) {
    const former = archiveKeys(root);
    this.#nextKey = nextKey(opened);
    const editor = new StructureEditor(tensors);
    const writings = writingsOf(saved);
    const present = new Map(saved.map((tensor) => [tensor.origin, tensor]));
    for (const entry of part.entries) {
      const index = part.placeOf(entry)?.index;
      const found = index === undefined ? undefined : tensors[index];
      const tensor = present.get(entry);
      const anew = tensor && writings.get(tensor.id) === 'anew';
      if (tensor && !anew && tensor.name === entry.name) continue;
      if (!found) throw new InvalidArgumentError(`'${entry.name}' can be given new values only.`, { name: entry.name });
      // Of two entries of one name the document calls the second by a number.
      const own = tensor && tensor.name !== entry.name ? tensor.name : found.name;
      editor.edit({ tensor: found, name: tensor ? own : null, node: anew ? this.#renewed(found, tensor) : null });
    }
    for (const tensor of saved) if (!tensor.origin) editor.add(tensor.name, this.#added(tensor));
    editor.finish();
    this.patched = saved.filter(({ id }) => writings.get(id) === 'in place');
    const now = archiveKeys(root);
    this.gone = new Set([...former].filter((key) => !now.has(key)));
  }

  /** The tensor with a record of its own, in the same wrapping. */
  #renewed({ node, value }: FoundTensor, tensor: SavedTensor): PickleValue {
    if (!(node instanceof PickleObject) || value.kind === 'array') {
      throw new InvalidArgumentError(
        `'${tensor.name}' is no tensor of torch but ${value.kind === 'array' ? 'an array of NumPy' : 'a storage'}, and is kept as it is. Save as safetensors.`,
        { name: tensor.name },
      );
    }
    const location = value.kind === 'strided' || value.kind === 'quantized' ? value.view.storage.location : 'cpu';
    return this.#nodes.replaced(node, { ...this.#record(tensor), location });
  }

  #added(tensor: SavedTensor): PickleValue {
    return this.#nodes.tensor(this.#record(tensor));
  }

  #record(tensor: SavedTensor): { key: string } & Pick<SavedTensor, 'dtype' | 'shape' | 'nbytes'> {
    const { dtype, shape, nbytes } = tensor;
    const identity = tieKey(tensor.state, tensor.origin);
    const tied = identity && this.#tied.get(identity);
    if (tied) return { key: tied, dtype, shape, nbytes };
    const key = String(this.#nextKey++);
    this.fresh.set(key, tensor);
    if (identity) this.#tied.set(identity, key);
    return { key, dtype, shape, nbytes };
  }
}

function nextKey({ archive, folder }: OpenArchive): number {
  let next = 0;
  for (const { name } of archive.members) {
    const key = name.startsWith(`${folder}data/`) ? Number(name.slice(folder.length + 5)) : Number.NaN;
    if (Number.isSafeInteger(key)) next = Math.max(next, key + 1);
  }
  return next;
}

interface ArchiveParts {
  readonly opened: OpenArchive;
  readonly file: OriginalFile;
  readonly state: DocumentState;
  readonly rewrite: PickleRewrite;
  readonly pickle: ReturnType<typeof writePickle>;
}

async function archiveOf({ opened, file, state, rewrite, pickle }: ArchiveParts): Promise<FileContent> {
  const { archive, folder } = opened;
  const kept = archive.members.filter(({ name }) => !isGone(name, `${folder}data/`, rewrite.gone));
  const records = await formerRecords(archive, kept);
  const offsets = await archive.dataOffsets(kept);
  const lastRecord = kept.findLastIndex(
    ({ name }) => name.startsWith(`${folder}data/`) || name === `${folder}data.pkl`,
  );
  const members: ArchiveMember[] = [];
  for (const [i, member] of kept.entries()) {
    const place = { record: records[i] ?? null, offset: offsets[i] ?? 0 };
    if (member.name === `${folder}data.pkl`) {
      members.push(
        pickleMember(pickle, { name: member.name, former: place.record, source: { file, member, ...place } }),
      );
    } else members.push(copiedMember(member, { file, state, patched: rewrite.patched, ...place }));
    if (i !== lastRecord) continue;
    for (const [key, tensor] of rewrite.fresh) members.push(recordMember(`${folder}data/${key}`, tensor, state));
  }
  return archiveContent(members, { alignment: TORCH_ALIGNMENT });
}

function isGone(name: string, prefix: string, gone: ReadonlySet<string>): boolean {
  return name.startsWith(prefix) && gone.has(name.slice(prefix.length));
}

interface CopiedPlace {
  readonly file: OriginalFile;
  readonly record: Buffer | null;
  readonly offset: number;
  readonly state: DocumentState;
  readonly patched: readonly SavedTensor[];
}

/** A record as it is, or with new values in their places. */
function copiedMember(member: ZipMember, { file, record, offset, state, patched }: CopiedPlace): ArchiveMember {
  const { name, method, nbytes, compressed, crc32 } = member;
  const within = patched.filter(
    ({ origin }) => origin && origin.offset >= offset && origin.offset < offset + compressed,
  );
  const part = { name, former: record, method, nbytes, compressed, crc32: within.length > 0 ? null : crc32 };
  const segments = (to: number): readonly Segment[] =>
    patchedCopy(
      { file, from: offset, nbytes: compressed, to },
      within.flatMap(({ origin, state: tensor }) =>
        changedSegments(state, tensor, to + (origin?.offset ?? 0) - offset),
      ),
    );
  return { part, segments };
}
