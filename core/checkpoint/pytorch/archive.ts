import { CheckpointFormatError } from '../../errors.ts';
import type { FileSource } from '../byte-source.ts';
import { type ParsedPickle, parsePickle } from '../pickle/parse.ts';
import { openZip, type ZipArchive } from '../zip/archive.ts';
import type { ZipMember } from '../zip/member.ts';
import { memberPickle } from './member-pickle.ts';
import { findTensors, type PickleStructure, structureOf } from './pickle-structure.ts';
import type { StorageRecord, StorageRecords } from './records.ts';
import type { FoundTensor } from './walk.ts';

/** What `torch.save` writes since 1.6, and `torch.jit.save`: a zip archive with one folder around all. */
export interface TorchArchive extends PickleStructure {
  readonly archive: ZipArchive;
  /** `archive/`, or what the file was called when it was saved. */
  readonly folder: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether multi-byte elements have their high byte first. */
  readonly bigEndian: boolean;
}

/** `version`, `byteorder` and the like have a few bytes. */
const MAX_NOTE = 4096;

/**
 * Reads an archive's pickle and finds its storages; nothing of their values. `file` is the index of the
 * archive among the checkpoint's files.
 *
 * @throws CheckpointFormatError, UnsafeCheckpointError
 */
export async function readArchive(source: FileSource, file: number): Promise<TorchArchive> {
  const archive = await openZip(source);
  const member = pickleMember(archive, source.name);
  const folder = member.name.slice(0, -'data.pkl'.length);
  const bigEndian = (await noteOf(archive, `${folder}byteorder`)) === 'big';
  const main = await readRecord(archive, { member, folder: `${folder}data/`, file, bigEndian });
  const constants = await readConstants(archive, { folder, file, bigEndian });
  return {
    archive,
    folder,
    metadata: {},
    bigEndian,
    places: isScript(archive, folder) ? [] : (main.places ?? []),
    entries: [...main.entries, ...constants.entries],
    values: [...main.values, ...constants.values],
  };
}

/** TorchScript's code names the tensors of its modules. */
function isScript(archive: ZipArchive, folder: string): boolean {
  return archive.members.some(({ name }) => name === `${folder}constants.pkl` || name.startsWith(`${folder}code/`));
}

/** The pickle of an archive that was opened before, to be changed and written anew. */
export async function reparseArchive({ archive, folder }: Pick<TorchArchive, 'archive' | 'folder'>): Promise<{
  readonly parsed: ParsedPickle;
  readonly tensors: readonly FoundTensor[];
}> {
  const { name } = archive.source;
  const member = archive.find(`${folder}data.pkl`) ?? pickleMember(archive, name);
  const parsed = await parsePickle(await memberPickle(archive, member));
  return { parsed, tensors: (await findTensors(parsed, name)).tensors };
}

function pickleMember(archive: ZipArchive, name: string): ZipMember {
  const candidates = archive.members.filter((member) => /^(?:[^/]+\/)?data\.pkl$/.test(member.name));
  const [member] = candidates;
  if (member && candidates.length === 1) return member;
  if (candidates.length > 1) {
    throw new CheckpointFormatError(`${name}: the archive holds ${candidates.length} checkpoints; one is read.`, {
      file: name,
    });
  }
  const old = archive.members.some((entry) => /(?:^|\/)model\.json$/.test(entry.name));
  const why = old ? 'It is a TorchScript archive from before PyTorch 1.4; save it anew with a later version.' : '';
  throw new CheckpointFormatError(
    `${name} is a zip archive without a data.pkl: no PyTorch checkpoint. ${why}`.trimEnd(),
    { file: name },
  );
}

interface RecordPlace {
  readonly member: ZipMember;
  /** Where the storages of this pickle are. */
  readonly folder: string;
  readonly file: number;
  readonly bigEndian: boolean;
}

async function readRecord(archive: ZipArchive, place: RecordPlace): Promise<PickleStructure> {
  const { member, folder, file, bigEndian } = place;
  const { name } = archive.source;
  const parsed = await parsePickle(await memberPickle(archive, member));
  const found = await findTensors(parsed, name);
  const records = await ArchiveRecords.open(archive, { folder, file, bigEndian });
  const pickle = archive.storedBytes(member, { file, offset: await archive.dataOffset(member) });
  return await structureOf(found, parsed, { name, records, pickle });
}

/** TorchScript keeps tensors that its code names apart from the module's own. */
async function readConstants(
  archive: ZipArchive,
  { folder, file, bigEndian }: Omit<RecordPlace, 'member'>,
): Promise<PickleStructure> {
  const member = archive.find(`${folder}constants.pkl`);
  if (!member) return { entries: [], values: [] };
  const { entries } = await readRecord(archive, { member, folder: `${folder}constants/`, file, bigEndian });
  return { entries: entries.map((entry) => ({ ...entry, name: `constants.${entry.name}` })), values: [] };
}

async function noteOf(archive: ZipArchive, name: string): Promise<string | undefined> {
  const member = archive.find(name);
  return member && (await archive.read(member, MAX_NOTE)).toString('utf8').trim();
}

class ArchiveRecords implements StorageRecords {
  readonly #archive: ZipArchive;
  readonly #file: number;
  readonly #bigEndian: boolean;
  /** By the keys that the pickle calls them. */
  readonly #places: ReadonlyMap<string, { readonly member: ZipMember; readonly offset: number }>;

  private constructor(
    archive: ZipArchive,
    { file, bigEndian }: Omit<RecordPlace, 'member'>,
    places: ReadonlyMap<string, { readonly member: ZipMember; readonly offset: number }>,
  ) {
    this.#archive = archive;
    this.#file = file;
    this.#bigEndian = bigEndian;
    this.#places = places;
  }

  /** Reads the local headers of all storages, in one go. */
  static async open(archive: ZipArchive, place: Omit<RecordPlace, 'member'>): Promise<ArchiveRecords> {
    const { folder } = place;
    const members = archive.members.filter(({ name }) => name.startsWith(folder));
    const offsets = await archive.dataOffsets(members);
    const places = members.map(
      (member, i) => [member.name.slice(folder.length), { member, offset: offsets[i] ?? 0 }] as const,
    );
    return new ArchiveRecords(archive, place, new Map(places));
  }

  find(key: string): StorageRecord | undefined {
    const place = this.#places.get(key);
    if (!place) return undefined;
    const { member, offset } = place;
    const stored = this.#archive.storedBytes(member, { file: this.#file, offset });
    return { stored, bigEndian: this.#bigEndian };
  }
}
