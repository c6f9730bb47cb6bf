/** A small writer of old HDF5 files (superblock 0, symbol tables), for files that no library would write. */
const UNDEFINED = 0xffffffffffffffffn;

export interface GroupSymbol {
  /** Where its name lies in the heap of names. */
  readonly name: number;
  /** Address of the object. */
  readonly object: number;
}

export class Hdf5Writer {
  readonly #parts: Buffer[] = [Buffer.alloc(96)];
  #size = 96;

  add(content: Buffer): number {
    const at = this.#size;
    const padded = Buffer.concat([content, Buffer.alloc((8 - (content.length % 8)) % 8)]);
    this.#parts.push(padded);
    this.#size += padded.length;
    return at;
  }

  /** An object header of version 1. */
  object(messages: readonly (readonly [type: number, content: Buffer])[]): number {
    const body = Buffer.concat(
      messages.map(([type, content]) => {
        const padded = Buffer.concat([content, Buffer.alloc((8 - (content.length % 8)) % 8)]);
        return Buffer.concat([u16(type), u16(padded.length), Buffer.alloc(4), padded]);
      }),
    );
    return this.add(Buffer.concat([Buffer.from([1, 0]), u16(messages.length), u32(1), u32(body.length), u32(0), body]));
  }

  /** A group of one level: each symbol table holds up to 65,535 symbols. */
  group(names: Buffer, symbols: readonly GroupSymbol[]): number {
    const segment = this.add(names);
    const heap = this.add(
      Buffer.concat([Buffer.from('HEAP'), u32(0), u64(names.length), u64(UNDEFINED), u64(segment)]),
    );
    const nodes = this.#symbolTables(symbols);
    const entries = nodes.flatMap((node) => [u64(0), u64(node)]);
    const head = Buffer.concat([
      Buffer.from('TREE'),
      Buffer.from([0, 0]),
      u16(nodes.length),
      u64(UNDEFINED),
      u64(UNDEFINED),
    ]);
    const tree = this.add(Buffer.concat([head, ...entries, u64(0)]));
    return this.object([[0x11, Buffer.concat([u64(tree), u64(heap)])]]);
  }

  finish(root: number): Buffer {
    const file = Buffer.concat(this.#parts);
    const head = Buffer.concat([
      Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0, 0, 8, 8, 0]),
      Buffer.concat([u16(4), u16(16), u32(0), u64(0), u64(UNDEFINED), u64(file.length), u64(UNDEFINED)]),
      Buffer.concat([u64(0), u64(root), u32(0), u32(0), Buffer.alloc(16)]),
    ]);
    head.copy(file);
    return file;
  }

  #symbolTables(symbols: readonly GroupSymbol[]): number[] {
    const nodes: number[] = [];
    for (let first = 0; first < symbols.length; first += 1000) {
      const some = symbols.slice(first, first + 1000);
      const entries = some.map(({ name, object }) => Buffer.concat([u64(name), u64(object), Buffer.alloc(24)]));
      nodes.push(this.add(Buffer.concat([Buffer.from('SNOD'), Buffer.from([1, 0]), u16(some.length), ...entries])));
    }
    return nodes;
  }
}

/** The messages of a dataset of float32 whose elements would lie at `address`. */
export function floats(shape: readonly number[], address: number | bigint): [number, Buffer][] {
  const sizes = Buffer.concat(shape.map(u64));
  const layout = [0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0];
  return [
    [0x01, Buffer.concat([Buffer.from([1, shape.length, 0, 0, 0, 0, 0, 0]), sizes])],
    [0x03, Buffer.concat([Buffer.from([0x11, 0x20, 31, 0]), u32(4), Buffer.from(layout)])],
    [0x08, Buffer.concat([Buffer.from([3, 1]), u64(address), u64(0)])],
  ];
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function u64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
