import { describeDType } from '../../checkpoint/numpy/descr.ts';
import { npyHeader } from '../../checkpoint/numpy/npy-header.ts';
import type { NpzCheckpoint } from '../../checkpoint/numpy/npz-checkpoint.ts';
import { formerRecords } from '../../checkpoint/zip/layout.ts';
import type { ZipMember } from '../../checkpoint/zip/member.ts';
import { InvalidArgumentError } from '../../errors.ts';
import type { DocumentState } from '../state/document-state.ts';
import { type ArchiveMember, archiveContent } from './archive-content.ts';
import type { OriginalFile } from './content.ts';
import { deflateElements } from './deflated.ts';
import { wholeSegment } from './file-content.ts';
import type { Output } from './format-writer.ts';
import { type SavedTensor, savedTensors } from './saved-tensor.ts';

const SUFFIX = '.npy';
/** NumPy aligns values within a member, not members within the archive. */
const OPTIONS = { alignment: 1 };

/** A member of the new archive: one of the old as it is, under its own name or another, or an array that is written. */
type Planned =
  | { readonly kind: 'copy'; readonly member: ZipMember; readonly name: string }
  | { readonly kind: 'array'; readonly tensor: SavedTensor; readonly former: ZipMember | null };

/** A new archive of all tensors, and of all else that `original` holds. */
export async function npzContent(
  original: NpzCheckpoint | null,
  state: DocumentState,
): Promise<Pick<Output, 'content' | 'prepare'>> {
  const planned = original ? keptAndNew(original, state) : savedTensors(state).map(newArray);
  const build = new NpzBuild(original, state, await recordsOf(original));
  const members = planned.map((item) => build.member(item));
  const content = archiveContent(members, OPTIONS);
  if (!planned.some(isDeflated)) return { content };
  return {
    content,
    prepare: async (work) => {
      const prepared: ArchiveMember[] = [];
      for (const [i, item] of planned.entries()) {
        const estimate = members[i];
        if (item.kind !== 'array' || !isDeflated(item)) {
          if (estimate) prepared.push(estimate);
          continue;
        }
        const { file, ...sizes } = await deflateElements(headerOf(item.tensor), state.lazy(item.tensor.id), work);
        const part = { ...build.partOf(item), ...sizes, method: 'deflated' as const };
        const nbytes = sizes.compressed;
        prepared.push({ part, segments: (to) => [{ kind: 'copy', to, file, from: 0, nbytes }] });
      }
      return archiveContent(prepared, OPTIONS);
    },
  };
}

function newArray(tensor: SavedTensor): Planned {
  return { kind: 'array', tensor, former: null };
}

function isDeflated(item: Planned): boolean {
  return item.kind === 'array' && item.former?.method === 'deflated';
}

/** In the order of the old archive, what is new behind it. */
function keptAndNew(original: NpzCheckpoint, state: DocumentState): Planned[] {
  const byMember = new Map<ZipMember, SavedTensor>();
  const renamed = new Map<ZipMember, string>();
  const added: SavedTensor[] = [];
  const present = new Set<string>();
  for (const tensor of savedTensors(state)) {
    const { origin } = tensor;
    if (!origin) {
      added.push(tensor);
      continue;
    }
    present.add(origin.name);
    const from = original.originOf(origin);
    if (from.kind === 'array') byMember.set(from.member, tensor);
    else if (tensor.edited || (from.kind === 'column' && origin.name !== tensor.name)) throw keptAsItIs(origin.name);
    else if (from.kind === 'sparse' && origin.name !== tensor.name) {
      for (const member of from.members) renamed.set(member, nameInFolder(member.name, from.folder, tensor.name));
    }
  }
  const gone = deletedMembers(original, present);
  const planned = original.archive.members
    .filter((member) => !gone.has(member))
    .map((member): Planned => {
      const tensor = byMember.get(member);
      if (tensor?.edited) return { kind: 'array', tensor, former: member };
      const isRenamed = tensor && tensor.origin?.name !== tensor.name;
      const name = isRenamed ? `${tensor.name}${SUFFIX}` : (renamed.get(member) ?? member.name);
      return { kind: 'copy', member, name };
    });
  return [...planned, ...added.map(newArray)];
}

function keptAsItIs(name: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `'${name}' is stored as a field of records, or sparse: a .npz archive keeps such arrays as they are. Save as safetensors.`,
    { name },
  );
}

function nameInFolder(member: string, folder: string, name: string): string {
  return `${name}/${folder === '' ? member : member.slice(folder.length + 1)}`;
}

function deletedMembers(original: NpzCheckpoint, present: ReadonlySet<string>): Set<ZipMember> {
  const gone = new Set<ZipMember>();
  for (const entry of original.entries) {
    if (present.has(entry.name)) continue;
    const from = original.originOf(entry);
    if (from.kind === 'array') gone.add(from.member);
    else if (from.kind === 'column') throw keptAsItIs(entry.name);
    else for (const member of from.members) gone.add(member);
  }
  return gone;
}

interface Former {
  readonly offset: number;
  readonly record: Buffer;
}

async function recordsOf(original: NpzCheckpoint | null): Promise<ReadonlyMap<ZipMember, Former>> {
  if (!original) return new Map();
  const { archive } = original;
  const records = await formerRecords(archive, archive.members);
  const offsets = await archive.dataOffsets(archive.members);
  return new Map(
    archive.members.map((member, i) => [member, { offset: offsets[i] ?? 0, record: records[i] ?? Buffer.alloc(0) }]),
  );
}

class NpzBuild {
  readonly #file: OriginalFile | null;
  readonly #state: DocumentState;
  readonly #former: ReadonlyMap<ZipMember, Former>;

  constructor(original: NpzCheckpoint | null, state: DocumentState, former: ReadonlyMap<ZipMember, Former>) {
    this.#file = original?.files[0] ?? null;
    this.#state = state;
    this.#former = former;
  }

  member(item: Planned): ArchiveMember {
    return item.kind === 'copy' ? this.#copied(item) : this.#array(item);
  }

  partOf({ tensor, former }: Planned & { kind: 'array' }): ArchiveMember['part'] {
    const nbytes = headerOf(tensor).length + tensor.nbytes;
    return {
      name: `${tensor.name}${SUFFIX}`,
      former: (former && this.#former.get(former)?.record) ?? null,
      method: 'stored',
      nbytes,
      compressed: nbytes,
      crc32: null,
    };
  }

  #copied({ member, name }: Planned & { kind: 'copy' }): ArchiveMember {
    const file = this.#file;
    const former = this.#former.get(member);
    if (!file || !former) throw new TypeError(`${name} is copied from nowhere.`);
    const { method, nbytes, compressed, crc32 } = member;
    const part = { name, former: former.record, method, nbytes, compressed, crc32 };
    return { part, segments: (to) => [{ kind: 'copy', to, file, from: former.offset, nbytes: compressed }] };
  }

  #array(item: Planned & { kind: 'array' }): ArchiveMember {
    const header = headerOf(item.tensor);
    const values = (to: number) => wholeSegment(this.#state, item.tensor.state, to);
    return {
      part: this.partOf(item),
      segments: (to) => [{ kind: 'bytes', to, bytes: header }, values(to + header.length)],
    };
  }
}

function headerOf({ name, dtype, shape }: SavedTensor): Buffer {
  return npyHeader(describeDType(dtype, name), shape);
}
