import { InvalidArgumentError } from '../../errors.ts';
import { type ArrayFileFormat, type ArrayList, type StoredArray, streamOf } from '../../ndarray/array-file.ts';
import { FileSource } from '../byte-source.ts';
import { fileHead } from '../file-head.ts';
import { replaceFile } from '../replace-file.ts';
import { growingPieces } from '../streams.ts';
import { openZip } from '../zip/archive.ts';
import { leavesArchive } from '../zip/member-name.ts';
import { isZip } from '../zip/signature.ts';
import { type StreamedMember, writeStoredZip } from '../zip/write-stored.ts';
import { describeDType } from './descr.ts';
import { NPY_MAGIC } from './magic.ts';
import { npyHeaderOf, type PieceSource, readNpy, writeNpy } from './npy.ts';
import { npyHeader } from './npy-header.ts';
import { checkSparse, isSparseFolder, readSparseFolder, sparseMembers, storedShape } from './npz-sparse.ts';

const SUFFIX = '.npy';

/** `.npy`: one dense array without a name. */
export const npyArrayFile: ArrayFileFormat = {
  label: 'NumPy arrays',
  extensions: [SUFFIX],
  recognizes: async (path) => (await fileHead(path)).subarray(0, NPY_MAGIC.length).equals(NPY_MAGIC),
  read: async (path) => {
    const source = await FileSource.open(path);
    return { names: null, arrays: [await readNpy(wholeFile(source))] };
  },
  write: async (path, { names, arrays }) => {
    const [array] = arrays;
    if (!array || arrays.length > 1 || names || array.stype !== 'default') {
      throw new InvalidArgumentError(
        'A .npy file holds one dense array without a name: write several, named or sparse ones to a .npz file.',
      );
    }
    npyHeaderOf(array, path);
    await replaceFile(path, (sink) => writeNpy(sink, array, path));
  },
};

/** `.npz`: arrays by name, stored or deflated; those of a list are called `arr_0`, `arr_1`, …, as NumPy does. */
export const npzArrayFile: ArrayFileFormat = {
  label: 'NumPy archives',
  extensions: ['.npz'],
  recognizes: async (path) => isZip(await fileHead(path)),
  read: readNpz,
  write: writeNpz,
};

function wholeFile(source: FileSource): PieceSource {
  const { name, size } = source;
  return { name, nbytes: size, pieces: () => growingPieces(source, 0, size) };
}

async function readNpz(path: string): Promise<ArrayList> {
  const source = await FileSource.open(path);
  const members = new Map<string, PieceSource>();
  const archive = await openZip(source);
  for (const member of archive.members) {
    const { name, nbytes } = member;
    if (!name.endsWith(SUFFIX)) continue;
    members.set(name.slice(0, -SUFFIX.length), { name, nbytes, pieces: () => archive.pieces(member) });
  }
  const arrays = new Map<string, StoredArray>();
  for (const [folder, parts] of sparseFolders(members)) {
    const array = await readSparseFolder(parts, source.name);
    checkSparse(array, source.name, folder);
    arrays.set(folder, array);
    for (const part of parts.keys()) members.delete(memberName(folder, part));
  }
  for (const [name, member] of members) arrays.set(name, await readNpy(member));
  return { names: [...arrays.keys()], arrays: [...arrays.values()] };
}

/** The folders that stand for a sparse array, by name; SciPy's files have the members in no folder. */
function sparseFolders(members: ReadonlyMap<string, PieceSource>): Map<string, Map<string, PieceSource>> {
  const folders = new Map<string, Map<string, PieceSource>>();
  for (const [name, member] of members) {
    const slash = name.lastIndexOf('/');
    const folder = name.slice(0, Math.max(slash, 0));
    const parts = folders.get(folder) ?? new Map<string, PieceSource>();
    folders.set(folder, parts.set(name.slice(slash + 1), member));
  }
  for (const [folder, parts] of folders) if (!isSparseFolder([...parts.keys()])) folders.delete(folder);
  return folders;
}

function memberName(folder: string, part: string): string {
  return folder === '' ? part : `${folder}/${part}`;
}

async function writeNpz(path: string, { names, arrays }: ArrayList): Promise<void> {
  const named = arrays.map((array, index) => ({ array, name: names?.[index] ?? `arr_${index}` }));
  for (const { array, name } of named) {
    describeDType(array.dtype, name);
    if (leavesArchive(name)) {
      throw new InvalidArgumentError(
        `An array cannot be called ${JSON.stringify(name)} in a .npz file: unpacked by name, it would land outside of its folder.`,
        { name },
      );
    }
    if (name === '' && array.stype !== 'default') {
      throw new InvalidArgumentError(
        'A sparse array needs a name in a .npz file: its members lie in a folder of that name.',
      );
    }
  }
  const members = named.flatMap(({ array, name }) => membersOf(array, name));
  await replaceFile(path, (sink) => writeStoredZip(sink, members));
}

function membersOf(array: StoredArray, name: string): StreamedMember[] {
  const descr = describeDType(array.dtype, name);
  if (array.stype === 'default') {
    return [{ name: `${name}${SUFFIX}`, parts: [streamOf(npyHeader(descr, array.shape)), array.values] }];
  }
  const data = [streamOf(npyHeader(descr, storedShape(array))), array.values];
  const others = [...sparseMembers(array)].map(([part, parts]) => ({ name: `${name}/${part}${SUFFIX}`, parts }));
  return [{ name: `${name}/data${SUFFIX}`, parts: data }, ...others];
}
