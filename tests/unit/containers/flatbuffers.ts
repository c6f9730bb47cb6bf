/**
 * A small writer of flatbuffers, for models that no converter would write. As pointers only go forward, it
 * writes from the end to the start; positions count from the end.
 */
export class FlatWriter {
  readonly #parts: Buffer[] = [];
  #size = 0;

  bytes(content: Buffer): number {
    this.#parts.unshift(content);
    this.#size += content.length;
    return this.#size;
  }

  vector(count: number, elements: Buffer): number {
    return this.bytes(Buffer.concat([u32(count), elements]));
  }

  text(value: string): number {
    return this.vector(Buffer.byteLength(value), Buffer.from(`${value}\0`));
  }

  /** A vector of pointers to what was written before. */
  pointers(targets: readonly number[]): number {
    const start = this.#size + 4 + 4 * targets.length;
    return this.vector(targets.length, Buffer.concat(targets.map((target, i) => u32(start - 4 - 4 * i - target))));
  }

  /** Fields by number: bytes stand in the table, `{to}` points to what was written before. */
  table(fields: Readonly<Record<number, Buffer | { readonly to: number }>>): number {
    const numbers = Object.keys(fields).map(Number);
    const sizes = numbers.map((number) => (Buffer.isBuffer(fields[number]) ? fields[number].length : 4));
    const nbytes = 4 + sizes.reduce((sum, size) => sum + size, 0);
    const vtable = Buffer.alloc(4 + 2 * (Math.max(-1, ...numbers) + 1));
    vtable.writeUInt16LE(vtable.length, 0);
    vtable.writeUInt16LE(nbytes, 2);
    const start = this.#size + nbytes;
    let at = 4;
    const contents = numbers.map((number, i) => {
      const field = fields[number];
      vtable.writeUInt16LE(at, 4 + 2 * number);
      const content = field && 'to' in field ? u32(start - at - field.to) : (field ?? Buffer.alloc(0));
      at += sizes[i] ?? 0;
      return content;
    });
    // The description goes right before the table.
    const table = this.bytes(Buffer.concat([u32(vtable.length), ...contents]));
    this.bytes(vtable);
    return table;
  }

  finish(root: number): Buffer {
    return Buffer.concat([u32(8 + this.#size - root), Buffer.from('TFL3'), ...this.#parts]);
  }
}

export function u8(value: number): Buffer {
  return Buffer.from([value]);
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
