import type { Span } from './json-cursor.ts';

/** Replaces a run of bytes of a text; an empty run inserts. */
export interface Patch {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The members of a JSON object as they lie in its text. */
export interface ObjectPlace {
  readonly bytes: Buffer;
  readonly count: number;
  /** From the first byte of a member's key to the last of its value. */
  readonly member: (row: number) => Span;
  /** Just behind the opening brace. */
  readonly open: number;
}

/** How an object writes its punctuation, whitespace included. */
export interface Punctuation {
  readonly comma: string;
  readonly colon: string;
}

export interface MemberChange {
  readonly keep: (row: number) => boolean;
  /** Whole members (`"key": value`) to stand before and after those that stay. */
  readonly first: readonly string[];
  readonly last: readonly string[];
}

const COMPACT: Punctuation = { comma: ',', colon: ':' };

/** Copies `bytes`, the patches applied; they may come in any order but must not overlap. */
export function applyPatches(bytes: Buffer, patches: readonly Patch[]): Buffer {
  const pieces: Buffer[] = [];
  let done = 0;
  for (const { start, end, text } of patches.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start > done) pieces.push(bytes.subarray(done, start));
    if (text !== '') pieces.push(Buffer.from(text));
    done = end;
  }
  pieces.push(bytes.subarray(done));
  return Buffer.concat(pieces);
}

/**
 * The patches that remove and add members and leave every other byte: a member goes with the comma
 * and whitespace before it, so that what stays keeps its own.
 */
export function memberPatches(place: ObjectPlace, change: MemberChange, style = COMPACT): Patch[] {
  const { count, member, open } = place;
  const { keep, first, last } = change;
  let firstKept = 0;
  while (firstKept < count && !keep(firstKept)) firstKept++;
  if (firstKept === count) return [replaceAll(place, [...first, ...last].join(style.comma))].filter(isEffective);
  const patches: Patch[] = [];
  const start = member(firstKept).start;
  if (firstKept > 0) patches.push({ start: member(0).start, end: start, text: '' });
  for (let row = firstKept + 1; row < count; row++) {
    if (!keep(row)) patches.push({ start: member(row - 1).end, end: member(row).end, text: '' });
  }
  const before = first.map((text) => text + style.comma).join('');
  const after = last.map((text) => style.comma + text).join('');
  const end = count > 0 ? member(count - 1).end : open;
  return [...patches, { start, end: start, text: before }, { start: end, end, text: after }].filter(isEffective);
}

/** The punctuation between the first two members, or compact where it cannot be told. */
export function punctuationOf(place: ObjectPlace, firstKey: Span | null, firstValue: number): Punctuation {
  const { bytes, count, member } = place;
  const comma = count > 1 ? bytes.toString('utf8', member(0).end, member(1).start) : COMPACT.comma;
  const colon = firstKey ? bytes.toString('utf8', firstKey.end, firstValue) : COMPACT.colon;
  return { comma, colon: /^\s*:\s*$/.test(colon) ? colon : COMPACT.colon };
}

function replaceAll({ count, member, open }: ObjectPlace, text: string): Patch {
  return count === 0 ? { start: open, end: open, text } : { start: member(0).start, end: member(count - 1).end, text };
}

function isEffective({ start, end, text }: Patch): boolean {
  return start !== end || text !== '';
}
