import { CheckpointFormatError } from '../../errors.ts';
import type { ByteSource, FileSource } from '../byte-source.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { type ParsedPickle, parsePickle } from '../pickle/parse.ts';
import { plainBytes } from '../unpack/stored-bytes.ts';
import { isZip } from '../zip/signature.ts';
import { readArchive, type TorchArchive } from './archive.ts';
import { isLegacyMagic, readLegacy } from './legacy.ts';
import { findTensors, type PickleStructure, structureOf } from './pickle-structure.ts';
import type { StorageRecords } from './records.ts';
import { TorchCheckpoint } from './torch-checkpoint.ts';

/**
 * Opens what `torch.save` and `torch.jit.save` write, of any age, and pickles of numpy arrays. Reads the
 * pickle and where the storages lie, nothing of their values, and executes nothing.
 *
 * @throws CheckpointFormatError where it is malformed, or a storage is missing or too short.
 * @throws UnsafeCheckpointError where it holds nothing but calls that other programs would execute.
 */
export async function openTorch(source: FileSource): Promise<Checkpoint> {
  const structure = await readTorch(source, 0);
  const { path } = source;
  return new TorchCheckpoint({ format: 'pytorch', path, read: [{ source, structure }], values: structure.values });
}

/** The structure of one file; `file` is its index among the checkpoint's files. */
export async function readTorch(source: FileSource, file: number): Promise<PickleStructure | TorchArchive> {
  const head = Buffer.from(await source.read(0, Math.min(4, source.size)));
  if (isZip(head)) return await readArchive(source, file);
  const first = await firstPickle(source);
  return isLegacyMagic(first) ? await readLegacy(source, file, first) : await barePickle(source, file, first);
}

async function firstPickle(source: ByteSource): Promise<ParsedPickle> {
  try {
    return await parsePickle(source);
  } catch (error) {
    if (!(error instanceof CheckpointFormatError) || error.details.offset !== 0) throw error;
    throw new CheckpointFormatError(
      `${source.name} is no PyTorch checkpoint: it begins neither as a zip archive nor as a pickle.`,
      { file: source.name, offset: 0 },
    );
  }
}

/** A pickle by itself has no storages: only numpy arrays have their values in it. */
async function barePickle(source: ByteSource, file: number, parsed: ParsedPickle): Promise<PickleStructure> {
  const { name } = source;
  const records: StorageRecords = { find: () => undefined };
  const pickle = plainBytes({ file, offset: 0, nbytes: parsed.end });
  return await structureOf(await findTensors(parsed, name), parsed, { name, records, pickle });
}
