import type { PagedBytes } from '../paged-bytes.ts';
import { maskedCrc32c } from './crc32c.ts';
import { MAGIC } from './magic.ts';

const FOOTER = 48;
/** After each block: the kind of compression, and a checksum. */
const TRAILER = 5;
const MAX_BLOCK = 64 * 1024 * 1024;
/** TensorFlow's names are paths of some hundred characters. */
const MAX_KEY = 64 * 1024;

export interface TableEntry {
  readonly key: Buffer;
  readonly value: Buffer;
  /** Where its block lies, for messages. */
  readonly offset: number;
}

/** The entries of a table in the order of their keys (leveldb, doc/table_format.md). @throws CheckpointFormatError */
export async function* tableEntries(bytes: PagedBytes): AsyncGenerator<TableEntry> {
  const start = bytes.size - FOOTER;
  const footer = await bytes.bytes(Math.max(0, start), Math.min(FOOTER, bytes.size), 'the end of the index');
  if (start < 0 || !footer.subarray(-MAGIC.length).equals(MAGIC)) {
    bytes.fail('this is no index of a TensorFlow checkpoint, or it is cut short', Math.max(0, start));
  }
  const handles = new VarintCursor(footer, bytes, start);
  // Of the block of statistics, which nobody writes.
  handles.varint();
  handles.varint();
  const index = await readBlock(bytes, { offset: handles.varint(), nbytes: handles.varint() });
  for (const { value, offset } of blockEntries(index, bytes)) {
    const handle = new VarintCursor(value, bytes, offset);
    const block = await readBlock(bytes, { offset: handle.varint(), nbytes: handle.varint() });
    yield* blockEntries(block, bytes);
  }
}

interface Block {
  readonly bytes: Buffer;
  readonly offset: number;
}

async function readBlock(bytes: PagedBytes, { offset, nbytes }: { offset: number; nbytes: number }): Promise<Block> {
  if (nbytes > MAX_BLOCK) bytes.fail(`a block of the index takes ${nbytes} bytes; ${MAX_BLOCK} are read`, offset);
  bytes.spend(nbytes, offset);
  const all = await bytes.bytes(offset, nbytes + TRAILER, 'a block of the index');
  if (maskedCrc32c(all.subarray(0, nbytes + 1)) !== all.readUInt32LE(nbytes + 1)) {
    bytes.fail('a block of the index is damaged: its checksum is wrong', offset);
  }
  const compression = all[nbytes] ?? 0;
  if (compression !== 0)
    bytes.fail(`a block of the index is compressed (kind ${compression}); TensorFlow writes none so`, offset);
  return { bytes: all.subarray(0, nbytes), offset };
}

/** Entries share the beginnings of their keys; the places where none is shared come last in a block. */
function* blockEntries({ bytes: block, offset }: Block, bytes: PagedBytes): Generator<TableEntry> {
  const restarts = block.length >= 4 ? block.readUInt32LE(block.length - 4) : Number.POSITIVE_INFINITY;
  const end = block.length - 4 * (restarts + 1);
  if (end < 0) bytes.fail('a block of the index is shorter than it says', offset);
  const cursor = new VarintCursor(block.subarray(0, end), bytes, offset);
  let key = Buffer.alloc(0);
  while (cursor.left > 0) {
    const [shared, own, length] = [cursor.varint(), cursor.varint(), cursor.varint()];
    if (shared > key.length || shared + own > MAX_KEY) bytes.fail('a key of the index is damaged', offset);
    key = Buffer.concat([key.subarray(0, shared), cursor.take(own)]);
    yield { key, value: cursor.take(length), offset };
  }
}

/** Numbers and runs of bytes within a piece of the index that is in memory. */
export class VarintCursor {
  #at = 0;

  constructor(
    readonly piece: Buffer,
    readonly bytes: PagedBytes,
    readonly offset: number,
  ) {}

  get left(): number {
    return this.piece.length - this.#at;
  }

  /** An unsigned number of up to 53 bits. */
  varint(): number {
    const value = this.bigVarint();
    return value <= Number.MAX_SAFE_INTEGER ? Number(value) : this.#fail('a number is beyond every real size');
  }

  bigVarint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.take(1)[0] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return this.#fail('a number does not end');
  }

  take(nbytes: number): Buffer {
    if (nbytes > this.left) this.#fail('a field leaves its block');
    this.#at += nbytes;
    return this.piece.subarray(this.#at - nbytes, this.#at);
  }

  #fail(problem: string): never {
    return this.bytes.fail(`${problem} in a block of the index`, this.offset);
  }
}
