import { isUtf8 } from 'node:buffer';
import type { PagedBytes } from '../paged-bytes.ts';

/** Names are paths of layers. */
const MAX_STRING = 64 * 1024;

/** A table of a flatbuffer, with the offsets of its fields. */
export interface Table {
  readonly position: number;
  readonly nbytes: number;
  readonly fields: readonly number[];
}

/** A vector: where its elements begin, and how many there are. */
export interface Vector {
  readonly start: number;
  readonly count: number;
}

/**
 * Reads tables, vectors and strings of a flatbuffer (flatbuffers.dev, "Internals") one by one, from wherever
 * they lie in a file. What points outside is refused; positions are told.
 */
export class FlatBuffer {
  constructor(readonly bytes: PagedBytes) {}

  async root(): Promise<Table> {
    return await this.table(await this.#reference(0, 'the root of the model'), 'the root of the model');
  }

  /** The table that an element of a vector of tables points to. */
  async tableAt(vector: Vector, index: number, what: string): Promise<Table> {
    return await this.table(await this.#reference(vector.start + 4 * index, what), what);
  }

  async table(position: number, what: string): Promise<Table> {
    const toVtable = (await this.#read(position, 4, what)).readInt32LE(0);
    const vtable = position - toVtable;
    const head = await this.#read(vtable, 4, what);
    const vtableBytes = head.readUInt16LE(0);
    const nbytes = head.readUInt16LE(2);
    if (vtableBytes < 4 || vtableBytes % 2 !== 0) this.bytes.fail(`the description of ${what} is damaged`, vtable);
    this.bytes.check(position, nbytes, what);
    const offsets = await this.#read(vtable + 4, vtableBytes - 4, what);
    const fields = Array.from({ length: (vtableBytes - 4) / 2 }, (_, i) => offsets.readUInt16LE(2 * i));
    return { position, nbytes, fields };
  }

  /** The bytes of a field that is stored in the table itself; null where it is left out. */
  async scalar(table: Table, field: number, nbytes: number): Promise<Buffer | null> {
    const at = this.#place(table, field, nbytes);
    return at === null ? null : await this.#read(at, nbytes, 'a field');
  }

  async u32(table: Table, field: number): Promise<number> {
    return (await this.scalar(table, field, 4))?.readUInt32LE(0) ?? 0;
  }

  /** An unsigned number of 8 bytes; 0 where it is left out. */
  async u64(table: Table, field: number): Promise<number> {
    const bytes = await this.scalar(table, field, 8);
    const value = Number(bytes?.readBigUInt64LE(0) ?? 0n);
    return Number.isSafeInteger(value)
      ? value
      : this.bytes.fail('a position is beyond every real file', table.position);
  }

  /** The table that a field points to; null where it is left out. */
  async child(table: Table, field: number, what: string): Promise<Table | null> {
    const at = this.#place(table, field, 4);
    return at === null ? null : await this.table(await this.#reference(at, what), what);
  }

  /** A vector of elements of `width` bytes; null where it is left out. */
  async vector(
    table: Table,
    field: number,
    { width, what }: { readonly width: number; readonly what: string },
  ): Promise<Vector | null> {
    const at = this.#place(table, field, 4);
    if (at === null) return null;
    const position = await this.#reference(at, what);
    const count = (await this.#read(position, 4, what)).readUInt32LE(0);
    this.bytes.check(position + 4, count * width, what);
    return { start: position + 4, count };
  }

  /** The bytes of the first `limit` elements. */
  async elements({ start, count }: Vector, width: number, limit: number): Promise<Buffer> {
    return await this.#read(start, Math.min(count, limit) * width, 'a list');
  }

  async text(table: Table, field: number, what: string): Promise<string> {
    const vector = await this.vector(table, field, { width: 1, what });
    if (!vector) return '';
    if (vector.count > MAX_STRING)
      this.bytes.fail(`${what} takes ${vector.count} bytes; ${MAX_STRING} are read`, vector.start);
    const bytes = await this.#read(vector.start, vector.count, what);
    if (!isUtf8(bytes)) this.bytes.fail(`${what} is not valid UTF-8`, vector.start);
    return bytes.toString('utf8');
  }

  #place({ position, nbytes, fields }: Table, field: number, width: number): number | null {
    const offset = fields[field] ?? 0;
    if (offset === 0) return null;
    if (offset + width > nbytes) this.bytes.fail('a field leaves its table', position + offset);
    return position + offset;
  }

  async #reference(at: number, what: string): Promise<number> {
    return at + (await this.#read(at, 4, what)).readUInt32LE(0);
  }

  async #read(at: number, nbytes: number, what: string): Promise<Buffer> {
    this.bytes.spend(nbytes, at);
    return await this.bytes.bytes(at, nbytes, what);
  }
}
