import { CheckpointFormatError } from '../../errors.ts';
import { bytesFor } from '../../ndarray/dtype.ts';
import type { ByteSource } from '../byte-source.ts';
import { malformed } from '../pickle/fail.ts';
import { type ParsedPickle, parsePickle } from '../pickle/parse.ts';
import { PickleList } from '../pickle/values.ts';
import { plainBytes } from '../unpack/stored-bytes.ts';
import { findTensors, type PickleStructure, structureOf } from './pickle-structure.ts';
import { integerValue, textOf } from './python-values.ts';
import type { StorageRecord, StorageRecords } from './records.ts';
import { storageReference } from './storage-reference.ts';
import type { StorageReference } from './tensor.ts';

/** What the first pickle of a legacy file holds (torch/serialization.py, MAGIC_NUMBER). */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
/** Before each storage: its number of elements, 64 bits. */
const COUNT_BYTES = 8;

/**
 * A file of `torch.save` before 1.6, or of today's without the zip layout: pickles of a magic number, a
 * version, the system, the value, and the keys of storages, which follow one after the other.
 *
 * @throws CheckpointFormatError, UnsafeCheckpointError
 */
export async function readLegacy(source: ByteSource, file: number, first: ParsedPickle): Promise<PickleStructure> {
  const version = await pickleAt(source, first.end);
  if (version.value !== PROTOCOL) {
    fail(source.name, `its layout is not of version ${PROTOCOL}, the only one known`, first.end);
  }
  const system = await pickleAt(source, version.end);
  const parsed = await pickleAt(source, system.end);
  const found = await findTensors(parsed, source.name);
  const keys = await pickleAt(source, parsed.end);
  const records = await LegacyRecords.open(source, { file, keys, storages: storagesOf(parsed, source.name) });
  const pickle = plainBytes({ file, offset: system.end, nbytes: parsed.end - system.end });
  return await structureOf(found, parsed, { name: source.name, records, pickle });
}

export function isLegacyMagic({ value }: ParsedPickle): boolean {
  return value === MAGIC;
}

/** A pickle that begins at `start`; its positions count from there. `end` counts from the file's first byte. */
async function pickleAt(source: ByteSource, start: number): Promise<ParsedPickle> {
  const { name, size } = source;
  const parsed = await parsePickle({
    name,
    size: size - start,
    read: (offset, nbytes) => source.read(start + offset, nbytes),
  });
  return { ...parsed, end: start + parsed.end };
}

/** What the pickle says of each storage, by its key. */
function storagesOf({ persistents }: ParsedPickle, name: string): Map<string, StorageReference> {
  const storages = new Map<string, StorageReference>();
  for (const reference of persistents) {
    const storage = storageReference(reference, (problem) => malformed({ name, offset: reference.start }, problem));
    if (storage) storages.set(storage.key, storage);
  }
  return storages;
}

interface LegacyKeys {
  readonly file: number;
  readonly keys: ParsedPickle;
  readonly storages: ReadonlyMap<string, StorageReference>;
}

class LegacyRecords implements StorageRecords {
  readonly #records: ReadonlyMap<string, StorageRecord>;

  private constructor(records: ReadonlyMap<string, StorageRecord>) {
    this.#records = records;
  }

  /** Goes from storage to storage by the sizes that the pickle gives, and checks those in the file. */
  static async open(source: ByteSource, { file, keys, storages }: LegacyKeys): Promise<LegacyRecords> {
    const { name, size } = source;
    if (!(keys.value instanceof PickleList)) fail(name, 'the list of storages is missing', keys.end);
    const records = new Map<string, StorageRecord>();
    const expected: { offset: number; count: number; key: string }[] = [];
    let offset = keys.end;
    for (const item of keys.value instanceof PickleList ? keys.value.items : []) {
      const key = textOf(item) ?? integerValue(item)?.toString();
      if (key === undefined) return fail(name, 'a key in the list of storages is neither text nor a number', keys.end);
      const storage = storages.get(key);
      if (!storage) throw unknownStorage(name, key, offset);
      const nbytes = storage.rootSize * bytesFor(storage.dtype, 1);
      const start = offset + COUNT_BYTES;
      if (start + nbytes > size) {
        fail(
          name,
          `the storage ${JSON.stringify(key)} of ${nbytes} bytes reaches beyond the end: the file is cut short`,
          offset,
        );
      }
      expected.push({ offset, count: storage.rootSize, key });
      // Written little-endian on every machine (torch/csrc/serialization.cpp).
      records.set(key, { stored: plainBytes({ file, offset: start, nbytes }), bigEndian: false });
      offset = start + nbytes;
    }
    await checkCounts(source, expected);
    return new LegacyRecords(records);
  }

  find(key: string): StorageRecord | undefined {
    return this.#records.get(key);
  }
}

async function checkCounts(
  source: ByteSource,
  expected: readonly { offset: number; count: number; key: string }[],
): Promise<void> {
  const ranges = expected.map(({ offset }) => ({ start: offset, nbytes: COUNT_BYTES }));
  const counts = source.readMany
    ? await source.readMany(ranges)
    : await Promise.all(ranges.map(({ start, nbytes }) => source.read(start, nbytes)));
  for (const [i, { offset, count, key }] of expected.entries()) {
    const found = Buffer.from(counts[i] ?? []).readBigUInt64LE(0);
    if (found !== BigInt(count)) {
      fail(
        source.name,
        `the storage ${JSON.stringify(key)} has ${found} elements where ${count} were announced`,
        offset,
      );
    }
  }
}

function unknownStorage(name: string, key: string, offset: number): CheckpointFormatError {
  return new CheckpointFormatError(
    `${name}: the size of the storage ${JSON.stringify(key)} is unknown, as no tensor refers to it (byte ${offset} of the file).`,
    { file: name, offset },
  );
}

function fail(name: string, problem: string, offset: number): never {
  throw new CheckpointFormatError(`${name}: ${problem} (byte ${offset} of the file).`, { file: name, offset });
}
