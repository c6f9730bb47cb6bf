import type { PagedBytes } from '../paged-bytes.ts';
import { clippedText, MAX_TEXT_BYTES } from '../value-text.ts';

/** Strings that are shown of an array of them. */
const SHOWN = 64;
const LENGTH_BYTES = 4;

export interface StoredStrings {
  /** Bytes that all of them take, lengths included. */
  readonly nbytes: number;
  /** The first of them as JSON. */
  readonly text: string;
}

/** Walks `count` strings, each after its length of 4 bytes (tfjs-core, io_utils.ts). */
export async function readStrings(
  bytes: PagedBytes,
  { offset, count, what }: { readonly offset: number; readonly count: number; readonly what: string },
): Promise<StoredStrings> {
  bytes.check(offset, count * LENGTH_BYTES, `${what}, strings,`);
  const shown: string[] = [];
  let at = offset;
  for (let i = 0; i < count; i++) {
    const length = (await bytes.bytes(at, LENGTH_BYTES, `the length of string ${i} of ${what}`)).readUInt32LE(0);
    at += LENGTH_BYTES;
    bytes.check(at, length, `string ${i} of ${what}`);
    if (i < SHOWN) shown.push((await bytes.bytes(at, Math.min(length, MAX_TEXT_BYTES), what)).toString('utf8'));
    at += length;
  }
  return { nbytes: at - offset, text: clippedText(JSON.stringify(shown) + (count > SHOWN ? ' …' : '')) };
}
