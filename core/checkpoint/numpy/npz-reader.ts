import { UnsafeCheckpointError } from '../../errors.ts';
import type { FileSource } from '../byte-source.ts';
import type { Checkpoint, Entry, OtherArray, ValueNode } from '../checkpoint.ts';
import { openZip, type ZipArchive } from '../zip/archive.ts';
import type { ZipMember } from '../zip/member.ts';
import { type FoundArray, listArray } from './array-entries.ts';
import { npyPreamble, parseNpyHeader } from './npy-header.ts';
import { NpzCheckpoint, type NpzOrigin } from './npz-checkpoint.ts';
import { sparseEntry, sparseFolders } from './sparse-entries.ts';

const SUFFIX = '.npy';
/** Most headers take 128 bytes; what follows shows the first elements of texts. */
const HEAD = 1024;

/**
 * A `.npz` archive: arrays by the names of its members, those of a sparse matrix as one. Arrays of Python
 * objects and members that are no arrays are listed beside the tensors; nothing of them is run.
 */
export async function openNpz(source: FileSource): Promise<Checkpoint> {
  const archive = await openZip(source);
  const members = archive.members.filter(({ name }) => name.endsWith(SUFFIX));
  const { arrays, values } = await findArrays(archive, members);
  const sparse = sparseFolders(arrays);
  const parts = new Set([...sparse.values()].flatMap((folder) => [...folder.values()]));
  const entries: Entry[] = [];
  const others: OtherArray[] = [];
  const origins: NpzOrigin[] = [];
  for (const [folder, found] of sparse) {
    entries.push(await sparseEntry(archive, folder, found));
    origins.push({ kind: 'sparse', folder, members: [...found.values()].map(({ name }) => memberOf(archive, name)) });
  }
  for (const array of arrays) {
    if (parts.has(array)) continue;
    const listed = listArray(array);
    others.push(...listed.others.map((other) => ({ ...other, before: entries.length })));
    entries.push(...listed.entries);
    origins.push(...listed.entries.map(() => originOf(array, memberOf(archive, array.name))));
  }
  for (const member of archive.members) if (!member.name.endsWith(SUFFIX)) values.push(...fileNode(member));
  return new NpzCheckpoint({ format: 'npz', sources: [source], entries, others, values }, archive, origins);
}

function memberOf(archive: ZipArchive, name: string): ZipMember {
  const member = archive.find(`${name}${SUFFIX}`);
  if (!member) throw new TypeError(`${archive.source.name} has no member of the array ${name}.`);
  return member;
}

function originOf({ header }: FoundArray, member: ZipMember): NpzOrigin {
  return header.type.kind === 'number' ? { kind: 'array', member, end: header.end } : { kind: 'column', member };
}

/** The headers of all arrays; one of Python objects is a value that nobody looks into. */
async function findArrays(
  archive: ZipArchive,
  members: readonly ZipMember[],
): Promise<{ arrays: FoundArray[]; values: ValueNode[] }> {
  const offsets = await archive.dataOffsets(members);
  const heads = await archive.heads(members, HEAD);
  const arrays: FoundArray[] = [];
  const values: ValueNode[] = [];
  for (const [i, member] of members.entries()) {
    const file = `${archive.source.name}: ${member.name}`;
    const name = member.name.slice(0, -SUFFIX.length);
    const head = await wholeHead(archive, member, { head: heads[i] ?? Buffer.alloc(0), file });
    const stored = archive.storedBytes(member, { file: 0, offset: offsets[i] ?? 0 });
    try {
      arrays.push({ name, file, header: parseNpyHeader(head, file), stored, head });
    } catch (error) {
      if (!(error instanceof UnsafeCheckpointError)) throw error;
      values.push({ key: name, kind: 'object', type: 'numpy.ndarray', text: error.message });
    }
  }
  return { arrays, values };
}

async function wholeHead(
  archive: ZipArchive,
  member: ZipMember,
  { head, file }: { readonly head: Buffer; readonly file: string },
): Promise<Buffer> {
  const wanted = Math.min(npyPreamble(head, file), member.nbytes);
  if (wanted <= head.length) return head;
  const [longer] = await archive.heads([member], wanted);
  return longer ?? head;
}

function fileNode({ name, nbytes }: ZipMember): ValueNode[] {
  if (name.endsWith('/')) return [];
  return [{ key: name, kind: 'bytes', text: `${nbytes} bytes that are no NumPy array` }];
}
