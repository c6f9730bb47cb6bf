import type { PicklePiece } from '../../../core/checkpoint/pickle/output.ts';
import { type ParsedPickle, parsePickle } from '../../../core/checkpoint/pickle/parse.ts';
import {
  PickleBytes,
  PickleDict,
  PickleFloat,
  PickleList,
  PickleSet,
  PickleString,
  PickleTuple,
  type PickleValue,
} from '../../../core/checkpoint/pickle/values.ts';
import { writePickle } from '../../../core/checkpoint/pickle/write.ts';

export async function parseBytes(bytes: Uint8Array): Promise<ParsedPickle> {
  return await parsePickle({
    name: 'test.pkl',
    size: bytes.length,
    read: async (start, nbytes) => bytes.subarray(start, start + nbytes),
  });
}

/** The bytes of a value written anew; `original` is where long payloads are copied from. */
export function rewritten({ value, protocol }: ParsedPickle, original: Uint8Array): Buffer {
  return assembled(writePickle(value, protocol), original);
}

export function assembled(pieces: readonly PicklePiece[], original: Uint8Array = new Uint8Array()): Buffer {
  return Buffer.concat(
    pieces.map((piece) =>
      piece.kind === 'bytes' ? piece.bytes : original.subarray(piece.offset, piece.offset + piece.nbytes),
    ),
  );
}

/** A plain Python value: what `PLAIN_PYTHON` in `python.ts` prints for it, and what tests make. */
export type Plain =
  | null
  | boolean
  | { readonly int: string }
  | { readonly float: string }
  | { readonly str: string }
  | { readonly bytes: string }
  | { readonly bytearray: string }
  | { readonly list: readonly Plain[] }
  | { readonly tuple: readonly Plain[] }
  | { readonly set: readonly Plain[] }
  | { readonly frozenset: readonly Plain[] }
  | { readonly dict: readonly (readonly [Plain, Plain])[] };

function hexOf(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString('hex');
}

const NOWHERE = { offset: 0, nbytes: 0 };

/** What the parser would have found. */
export function nodeOf(plain: Plain): PickleValue {
  if (plain === null || typeof plain === 'boolean') return plain;
  if ('int' in plain) {
    const value = BigInt(plain.int);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  if ('float' in plain) return new PickleFloat(Buffer.from(plain.float, 'hex').readDoubleBE(0), 0);
  if ('str' in plain) return new PickleString(plain.str, 'utf8', 0, NOWHERE);
  if ('bytes' in plain) return new PickleBytes(Buffer.from(plain.bytes, 'hex'), false, 0, NOWHERE);
  if ('bytearray' in plain) return new PickleBytes(Buffer.from(plain.bytearray, 'hex'), true, 0, NOWHERE);
  if ('tuple' in plain) return new PickleTuple(plain.tuple.map(nodeOf), 0, 0);
  if ('set' in plain) return new PickleSet(plain.set.map(nodeOf), false, 0, 0);
  if ('frozenset' in plain) return new PickleSet(plain.frozenset.map(nodeOf), true, 0, 0);
  if ('list' in plain) {
    const list = new PickleList(0, 0);
    list.items.push(...plain.list.map(nodeOf));
    return list;
  }
  const dict = new PickleDict(0, 0);
  for (const [key, value] of plain.dict) dict.pairs.push(nodeOf(key), nodeOf(value));
  return dict;
}

export function plainOf(value: PickleValue): Plain {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return { int: String(value) };
  if (value instanceof PickleFloat) return { float: hexOf(value.value) };
  if (value instanceof PickleString) return { str: value.text ?? `(${value.nbytes} bytes)` };
  if (value instanceof PickleBytes) {
    const hex = Buffer.from(value.bytes ?? []).toString('hex');
    return value.mutable ? { bytearray: hex } : { bytes: hex };
  }
  if (value instanceof PickleList) return { list: value.items.map(plainOf) };
  if (value instanceof PickleTuple) return { tuple: value.items.map(plainOf) };
  if (value instanceof PickleSet) {
    const items = value.items.map(plainOf);
    return value.frozen ? { frozenset: items } : { set: items };
  }
  if (value instanceof PickleDict) {
    const pairs: [Plain, Plain][] = [];
    for (let at = 0; at < value.pairs.length; at += 2) {
      pairs.push([plainOf(value.pairs[at] ?? null), plainOf(value.pairs[at + 1] ?? null)]);
    }
    return { dict: pairs };
  }
  throw new Error(`${value.constructor.name} is no plain value`);
}
