import { isUtf8 } from 'node:buffer';
import type { ByteSource } from '../byte-source.ts';
import { FileCursor } from './file-cursor.ts';
import { checkIndices } from './index-check.ts';
import { LIST_MAGIC } from './magic.ts';
import { type ArrayRecord, MAX_RECORD_HEADER, readRecord } from './record.ts';

/** Magic, reserved word and count. */
export const LIST_HEADER_BYTES = 24;

/** The shortest record: that of an array without a shape, in the oldest version. */
const MIN_RECORD = 4;

/** The largest checkpoint known to us has 1.29 million tensors; a file of zeros would pass for many more. */
const MAX_ARRAYS = 2_000_000;

/** Names are attribute paths of some hundred characters; an edit allows 65,536, of up to 4 bytes each. */
const MAX_NAME = 256 * 1024;
const USUAL_NAME = 256;

/** The structure of a list file: everything but the values. */
export interface ListFile {
  readonly records: readonly ArrayRecord[];
  /** Parallel to `records`; null for a list without names. */
  readonly names: readonly string[] | null;
  /** Where the records end and the names begin. */
  readonly namesOffset: number;
  /** Where the names end; MXNet ignores what follows. */
  readonly end: number;
}

/**
 * Reads the structure of an NDArray list file (MXNet's src/ndarray/ndarray.cc, `NDArray::Load`), with
 * records of every version.
 *
 * @throws CheckpointFormatError; `details.offset` is the byte of the file where a rule is broken.
 */
export async function readListFile(source: ByteSource): Promise<ListFile> {
  const cursor = new FileCursor(source);
  await cursor.prefetch(LIST_HEADER_BYTES);
  const magic = cursor.u64('the mark of an MXNet list file');
  if (magic !== LIST_MAGIC) {
    cursor.fail(`an MXNet list file begins with 0x${LIST_MAGIC.toString(16)}, not with 0x${magic.toString(16)}`, 0);
  }
  cursor.skip(8, 'the reserved word');
  const records = await readRecords(source, cursor);
  const namesOffset = cursor.position;
  const names = await readNames(cursor, records.length);
  return { records, names, namesOffset, end: cursor.position };
}

async function readRecords(source: ByteSource, cursor: FileCursor): Promise<ArrayRecord[]> {
  const offset = cursor.position;
  const count = cursor.u64('the number of arrays');
  if (count * MIN_RECORD > cursor.remaining) {
    cursor.fail(`${count} arrays are said to follow, but only ${cursor.remaining} bytes do`, offset);
  }
  if (count > MAX_ARRAYS) cursor.fail(`${count} arrays are announced; ${MAX_ARRAYS} are read`, offset);
  const fail = (problem: string, at?: number): never => cursor.fail(problem, at);
  const records: ArrayRecord[] = [];
  for (let i = 0; i < count; i++) {
    // Most records need no waiting, and a million of them would notice it.
    if (!cursor.has(MAX_RECORD_HEADER)) await cursor.prefetch(MAX_RECORD_HEADER);
    const record = readRecord(cursor);
    if (record.array?.sparse) await checkIndices(source, record.array, fail);
    records.push(record);
  }
  return records;
}

async function readNames(cursor: FileCursor, arrays: number): Promise<string[] | null> {
  await cursor.prefetch(8);
  const offset = cursor.position;
  const count = cursor.u64('the number of names');
  if (count === 0) return arrays === 0 ? [] : null;
  if (count !== arrays) {
    cursor.fail(`there are ${arrays} arrays, but ${count} names: there must be as many, or none`, offset);
  }
  const names: string[] = [];
  for (let i = 0; i < count; i++) {
    if (!cursor.has(8 + USUAL_NAME)) await cursor.prefetch(8 + USUAL_NAME);
    const length = readNameLength(cursor);
    if (!cursor.has(length)) await cursor.prefetch(length);
    names.push(readName(cursor, length));
  }
  return names;
}

function readNameLength(cursor: FileCursor): number {
  const offset = cursor.position;
  const length = cursor.u64('the length of a name');
  if (length > MAX_NAME) cursor.fail(`a name of ${length} bytes is announced; ${MAX_NAME} are possible`, offset);
  return length;
}

function readName(cursor: FileCursor, length: number): string {
  const offset = cursor.position;
  const bytes = cursor.bytes(length, 'a name');
  if (!isUtf8(bytes)) cursor.fail('a name is not valid UTF-8', offset);
  return bytes.toString('utf8');
}
