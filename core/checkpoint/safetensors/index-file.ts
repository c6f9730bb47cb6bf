import { isUtf8 } from 'node:buffer';
import { CheckpointFormatError } from '../../errors.ts';
import { type Fail, JsonCursor, type Span } from './json-cursor.ts';
import { SpanTable } from './span-table.ts';
import { firstInvalidByte } from './utf8.ts';

/** As the header's limit: the largest index known to us names 60,000 tensors in 6 MB. */
export const MAX_INDEX = 100_000_000;

export type IndexColumn = 'member' | 'key' | 'value';

/** A JSON object of the index, its members by their place in the text. */
export interface IndexObject {
  readonly keys: readonly string[];
  readonly rows: SpanTable<IndexColumn>;
  readonly span: Span;
}

/** A parsed `*.safetensors.index.json` with its text, so that an edit can patch what it changes. */
export interface SafetensorsIndex {
  readonly bytes: Buffer;
  /** Tensor name to the name of the shard that holds it, in the order of the file. */
  readonly weightMap: ReadonlyMap<string, string>;
  readonly weights: IndexObject;
  /** Values that are no strings as their JSON text. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly metadataObject: IndexObject | null;
}

/**
 * Parses the index that transformers writes beside shards: an object with a `weight_map` of strings
 * and, mostly, a `metadata` object. Other members are tolerated and kept.
 *
 * @throws CheckpointFormatError; `details.offset` is the byte of the file where it is malformed.
 */
export function parseIndex(bytes: Uint8Array, name: string): SafetensorsIndex {
  const fail: Fail = (problem, offset) => {
    throw new CheckpointFormatError(`${name}: ${problem} (byte ${offset} of the file).`, { file: name, offset });
  };
  if (!isUtf8(bytes)) fail('the index is not valid UTF-8', firstInvalidByte(bytes));
  const cursor = new JsonCursor(bytes, { start: 0, end: bytes.length }, fail);
  const objects = readMembers(cursor, fail);
  if (cursor.peek() >= 0) cursor.unexpected('nothing may follow the JSON object of the index');
  const { weights, metadata } = objects;
  if (!weights) return fail('the index has no "weight_map" object', 0);
  return {
    bytes: cursor.bytes,
    weightMap: weightMapOf(cursor.bytes, weights, fail),
    weights,
    metadata: metadata ? metadataOf(cursor.bytes, metadata) : {},
    metadataObject: metadata,
  };
}

function readMembers(cursor: JsonCursor, fail: Fail): { weights: IndexObject | null; metadata: IndexObject | null } {
  let weights: IndexObject | null = null;
  let metadata: IndexObject | null = null;
  for (let more = cursor.enterObject('the index'); more; more = cursor.nextMember('the index')) {
    cursor.key('the index');
    const keyStart = cursor.tokenStart;
    switch (cursor.text()) {
      case 'weight_map':
        if (weights) fail('"weight_map" stands there twice', keyStart);
        weights = readObject(cursor, 'weight_map', fail);
        break;
      case 'metadata':
        if (metadata) fail('"metadata" stands there twice', keyStart);
        metadata = readObject(cursor, 'metadata', fail);
        break;
      default:
        cursor.value('the index');
    }
  }
  return { weights, metadata };
}

function readObject(cursor: JsonCursor, what: string, fail: Fail): IndexObject {
  const rows = new SpanTable<IndexColumn>(['member', 'key', 'value']);
  const keys = new Set<string>();
  cursor.peek();
  const start = cursor.position;
  for (let more = cursor.enterObject(what); more; more = cursor.nextMember(what)) {
    const row = rows.addRow();
    cursor.key(what);
    const keyStart = cursor.tokenStart;
    rows.set(row, 'key', keyStart, cursor.tokenEnd);
    const key = cursor.text();
    if (keys.has(key)) fail(`${what} names ${JSON.stringify(key)} twice`, keyStart);
    keys.add(key);
    cursor.value(what);
    rows.set(row, 'value', cursor.tokenStart, cursor.tokenEnd);
    rows.set(row, 'member', keyStart, cursor.tokenEnd);
  }
  return { keys: [...keys], rows, span: { start, end: cursor.position } };
}

function weightMapOf(bytes: Buffer, weights: IndexObject, fail: Fail): Map<string, string> {
  const files = new Map<string, string>();
  weights.keys.forEach((key, row) => {
    const span = weights.rows.get(row, 'value');
    const file = valueAt(bytes, span);
    if (typeof file !== 'string') {
      fail(`weight_map gives ${JSON.stringify(key)} no file name (a string)`, span.start);
    } else {
      files.set(key, file);
    }
  });
  return files;
}

function metadataOf(bytes: Buffer, metadata: IndexObject): Record<string, string> {
  return Object.fromEntries(
    metadata.keys.map((key, row) => {
      const span = metadata.rows.get(row, 'value');
      const value = valueAt(bytes, span);
      return [key, typeof value === 'string' ? value : bytes.toString('utf8', span.start, span.end)];
    }),
  );
}

function valueAt(bytes: Buffer, { start, end }: Span): unknown {
  return JSON.parse(bytes.toString('utf8', start, end));
}
