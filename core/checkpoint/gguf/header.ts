import type { ByteSource } from '../byte-source.ts';
import { GGUFCursor } from './cursor.ts';
import { MAGIC } from './magic.ts';
import { type GGUFTensor, readTensors } from './tensors.ts';
import { type GGUFValue, readType, readValue } from './values.ts';

/** A key with its value, and where they lie. */
export interface GGUFField extends GGUFValue {
  readonly key: string;
  /** Byte of the file at which the field begins: the length of its key. */
  readonly at: number;
}

/** The head of one file: everything but the values. What the writer goes by. */
export interface GGUFHeader {
  readonly version: number;
  readonly littleEndian: boolean;
  readonly fields: readonly GGUFField[];
  readonly tensors: readonly GGUFTensor[];
  /** Bytes `[start, stop)` that the fields, and then the descriptions of tensors, take. */
  readonly fieldsStart: number;
  readonly tensorsStart: number;
  readonly tensorsStop: number;
  readonly alignment: number;
  /** Where offsets of tensors count from. */
  readonly dataStart: number;
}

const FIXED_HEAD = 24;
const DEFAULT_ALIGNMENT = 32;
const ALIGNMENT_KEY = 'general.alignment';
/** The most that the specification allows a key. */
const MAX_KEY = 65_535;
/** Real files have some 60. */
const MAX_FIELDS = 100_000;
/** Real files have up to a few thousand. */
const MAX_TENSORS = 1_000_000;
/** A key of no bytes, a type and a value of one byte. */
const LEAST_FIELD = 13;
/** A name of no bytes, no axes, a type and an offset. */
const LEAST_TENSOR = 24;

/**
 * Reads the head of a GGUF file, versions 2 and 3 (the specification: docs/gguf.md of ggml).
 *
 * @throws CheckpointFormatError where it breaks the format's rules or does not fit in the file.
 */
export async function readHeader(source: ByteSource): Promise<GGUFHeader> {
  const cursor = new GGUFCursor(source);
  await cursor.need(FIXED_HEAD, 'the head');
  const version = readVersion(cursor);
  const tensorCount = readCount(cursor, { what: 'tensors', least: LEAST_TENSOR, limit: MAX_TENSORS });
  const fieldCount = readCount(cursor, { what: 'metadata keys', least: LEAST_FIELD, limit: MAX_FIELDS });
  const fields = await readFields(cursor, fieldCount);
  const alignment = alignmentOf(cursor, fields);
  const tensorsStart = cursor.position;
  const infos = await readTensors(cursor, { count: tensorCount, alignment });
  return {
    version,
    littleEndian: cursor.littleEndian,
    fields,
    fieldsStart: FIXED_HEAD,
    tensorsStart,
    alignment,
    ...infos,
  };
}

function readVersion(cursor: GGUFCursor): number {
  cursor.skip(MAGIC.length, 'the magic');
  const version = cursor.u32();
  if (version === 2 || version === 3) return version;
  // The specification: a version that only makes sense with its bytes turned is of a big-endian file.
  cursor.littleEndian = false;
  const turned = new DataView(new ArrayBuffer(4));
  turned.setUint32(0, version, true);
  const big = turned.getUint32(0, false);
  if (big === 2 || big === 3) return big;
  const advice = version === 1 || big === 1 ? 'Convert the model again' : 'It is damaged, or of a newer kind';
  const shown = big < version ? big : version;
  return cursor.fail(`GGUF version ${shown} is not supported; versions 2 and 3 are. ${advice}`, MAGIC.length);
}

function readCount(
  cursor: GGUFCursor,
  { what, least, limit }: { readonly what: string; readonly least: number; readonly limit: number },
): number {
  const count = cursor.size64(`the number of ${what}`);
  const room = Math.floor(cursor.size / least);
  if (count <= Math.min(limit, room)) return count;
  const why = count > room ? `the file has no room for them` : `more than ${limit} are not read`;
  return cursor.fail(`the head speaks of ${count} ${what}; ${why}`, cursor.position - 8);
}

async function readFields(cursor: GGUFCursor, count: number): Promise<GGUFField[]> {
  const fields: GGUFField[] = [];
  const seen = new Set<string>();
  for (let i = 0; i < count; i++) {
    const at = cursor.position;
    const key = await cursor.name(`metadata key ${i}`, MAX_KEY);
    const what = `metadata ${JSON.stringify(key)}`;
    if (seen.has(key)) cursor.fail(`${what} is there twice`, at);
    seen.add(key);
    const type = await readType(cursor, what);
    fields.push({ key, at, ...(await readValue(cursor, type, what)) });
  }
  return fields;
}

function alignmentOf(cursor: GGUFCursor, fields: readonly GGUFField[]): number {
  const field = fields.find(({ key }) => key === ALIGNMENT_KEY);
  if (!field) return DEFAULT_ALIGNMENT;
  const alignment = Number(field.text);
  const isPower = field.type === 'uint32' && alignment > 0 && Number.isInteger(Math.log2(alignment));
  if (isPower) return alignment;
  return cursor.fail(`${ALIGNMENT_KEY} is ${field.text} (${field.type}); it must be a power of two (uint32)`, field.at);
}
