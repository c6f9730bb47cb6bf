import { CheckpointFormatError } from '../../errors.ts';
import { type ByteSource, FileSource } from '../byte-source.ts';
import type { ValueNode } from '../checkpoint.ts';
import type { Hdf5Container } from '../hdf5/container.ts';
import { Hdf5Checkpoint } from '../hdf5/hdf5-checkpoint.ts';
import { type Hdf5Structure, readStructure, textOf } from '../hdf5/structure.ts';
import type { ParsedStructure } from '../parsed-checkpoint.ts';
import { scratchUnpacker } from '../unpack/scratch-unpacker.ts';
import { contiguous, plainBytes, type StoredBytes, stridedStorage } from '../unpack/stored-bytes.ts';
import { isNestedDeeper, jsonNode } from '../value-text.ts';
import { openZip, type ZipArchive } from '../zip/archive.ts';
import type { ZipMember } from '../zip/member.ts';
import { WEIGHTS } from './formats.ts';

const CONFIGURATION = 'config.json';
export const METADATA = 'metadata.json';

/** Configurations of large models take some megabytes. */
const MAX_JSON = 64 * 1024 * 1024;
/** A model of models of layers stays far below; writing deeper JSON as text would take all of the stack. */
const MAX_DEPTH = 200;

/** Opens a `.keras` archive: its weights are an HDF5 file, read in place where the archive stores it as it is. */
export async function openKeras(source: FileSource): Promise<Hdf5Checkpoint> {
  const archive = await openZip(source);
  const weights = archive.find(WEIGHTS);
  if (!weights) {
    throw new CheckpointFormatError(`${source.name} has no member "${WEIGHTS}": the archive holds no weights.`, {
      file: source.name,
    });
  }
  const { container, structure } = await readWeights(archive, weights, source);
  const { attributes, entries, others, values, objects, rewriting } = structure;
  const parsed: ParsedStructure = {
    format: 'keras',
    path: source.path,
    sources: [source],
    metadata: { ...textsOf(attributes), ...textsOf(await readMetadata(archive)) },
    entries,
    others,
    values: [...(await readConfiguration(archive)), ...values, ...otherMembers(archive)],
  };
  return new Hdf5Checkpoint(parsed, { container, objects, rewriting, enclosure: { archive, member: weights } });
}

interface Weights {
  readonly container: Hdf5Container;
  readonly structure: Hdf5Structure;
}

async function readWeights(archive: ZipArchive, member: ZipMember, source: FileSource): Promise<Weights> {
  const offset = await archive.dataOffset(member);
  if (member.method === 'stored') {
    const run = { file: 0, offset, nbytes: member.nbytes };
    const container = { source, extent: { start: offset, nbytes: run.nbytes }, stored: plainBytes(run) };
    return { container, structure: await readStructure(container) };
  }
  const stored = archive.storedBytes(member, { file: 0, offset });
  return await inflated(source, stored, async (bytes) => {
    const container: Hdf5Container = { source: bytes, extent: { start: 0, nbytes: member.nbytes }, stored };
    return { container, structure: await readStructure(container) };
  });
}

/** The weights of an archive that compresses them, unpacked for the time of `use`. */
async function inflated<T>(
  source: FileSource,
  stored: StoredBytes,
  use: (bytes: ByteSource) => Promise<T>,
): Promise<T> {
  const { path, stamp } = source;
  const offset = stored.runs[0]?.offset ?? 0;
  const lease = await scratchUnpacker().unpack({
    dtype: 'uint8',
    shape: [stored.nbytes],
    region: { path, stamp, offset, nbytes: stored.nbytes },
    packed: { ...stridedStorage(stored, contiguous('uint8')), files: [{ path, stamp }] },
    steps: [],
  });
  try {
    const unpacked = FileSource.known(lease.tensor.region);
    const read = (start: number, nbytes: number): Promise<Uint8Array> => unpacked.read(start, nbytes);
    return await use({ name: `${source.name}/${WEIGHTS}`, size: stored.nbytes, read });
  } finally {
    lease.release();
  }
}

/** What the archive says of itself; nothing where that is no object. */
export async function readMetadata(archive: ZipArchive): Promise<object> {
  const parsed = await readJSON(archive, METADATA);
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : {};
}

async function readConfiguration(archive: ZipArchive): Promise<ValueNode[]> {
  const parsed = await readJSON(archive, CONFIGURATION);
  return parsed === undefined ? [] : [jsonNode('config', parsed)];
}

/** Undefined where the archive has no such member. @throws CheckpointFormatError where it is no JSON */
async function readJSON(archive: ZipArchive, name: string): Promise<unknown> {
  const member = archive.find(name);
  if (!member) return undefined;
  const text = (await archive.read(member, MAX_JSON)).toString('utf8');
  const value = parsedJSON(text);
  if (value !== undefined && !isNestedDeeper(value, MAX_DEPTH)) return value;
  const file = archive.source.name;
  const problem = value === undefined ? 'is no JSON' : `is nested more than ${MAX_DEPTH} deep`;
  throw new CheckpointFormatError(`${file}: ${name} ${problem} (byte ${member.header} of the file).`, {
    file,
    offset: member.header,
  });
}

/** Undefined, which JSON does not know, for what is none. */
function parsedJSON(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textsOf(values: object): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, textOf(value)]));
}

/** Assets of layers, such as vocabularies. */
function otherMembers(archive: ZipArchive): ValueNode[] {
  return archive.members
    .filter(({ name, nbytes }) => ![WEIGHTS, CONFIGURATION, METADATA].includes(name) && nbytes > 0)
    .map(({ name, nbytes }) => ({ key: name, kind: 'bytes', text: `${nbytes} bytes` }));
}
