import { openBtree2 } from './btree2.ts';
import type { Fields, HdfBytes } from './fields.ts';

/** Objects in the heap are links and attributes; a huge attribute is some megabytes. */
const MAX_OBJECT = 256 * 1024 * 1024;
const MAX_ROWS = 64;
/** Tables that are kept; a heap of a million links has a dozen. */
const MAX_TABLES = 256;

/** Where a heap keeps what (HDF5 File Format Specification, III.G). */
interface Heap {
  readonly idBytes: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly width: number;
  readonly firstBlock: number;
  readonly maxDirect: number;
  readonly root: number | null;
  /** Rows of the root's table; 0 where the root is a block of objects. */
  readonly rows: number;
  readonly huge: number | null;
}

/** A heap of variable-sized objects, addressed by identifiers. */
export class FractalHeap {
  readonly #file: HdfBytes;
  readonly #heap: Heap;
  /** Tables that were read last: objects come in the order of their names, not of their places. */
  readonly #tables = new Map<number, Fields>();
  /** Objects too big for the heap, by their number; read when the first is asked for. */
  #huge: Map<number, { readonly address: number; readonly nbytes: number }> | undefined;

  private constructor(file: HdfBytes, heap: Heap) {
    this.#file = file;
    this.#heap = heap;
  }

  static async open(file: HdfBytes, address: number): Promise<FractalHeap> {
    return new FractalHeap(file, await readHeap(file, address));
  }

  /** The object of an identifier. */
  async object(id: Fields): Promise<Fields> {
    const mark = id.u8();
    switch ((mark >> 4) & 3) {
      case 0:
        return await this.#managed(id.uint(this.#heap.offsetBytes), id.uint(this.#heap.lengthBytes));
      case 1:
        return await this.#hugeObject(id);
      case 2:
        return this.#tiny(id, mark);
      default:
        return id.fail('an identifier of a heap is of no known kind');
    }
  }

  #tiny(id: Fields, mark: number): Fields {
    const isLong = this.#heap.idBytes > 18;
    const nbytes = 1 + (isLong ? ((mark & 0x0f) << 8) | id.u8() : mark & 0x0f);
    return id.part(nbytes);
  }

  async #hugeObject(id: Fields): Promise<Fields> {
    const { offset, length } = this.#file.widths;
    const place =
      offset + length < this.#heap.idBytes
        ? { address: id.requiredAddress('an object of a heap'), nbytes: id.size() }
        : (await this.#hugeObjects(id)).get(id.uint(Math.min(this.#heap.idBytes - 1, length)));
    if (!place) return id.fail('an identifier names no object of its heap');
    return await this.#read(place.address, place.nbytes);
  }

  async #hugeObjects(id: Fields): Promise<Map<number, { address: number; nbytes: number }>> {
    if (this.#huge) return this.#huge;
    if (this.#heap.huge === null) return id.fail('a heap has no index of huge objects');
    const found = new Map<number, { address: number; nbytes: number }>();
    const tree = await openBtree2(this.#file, this.#heap.huge);
    if (tree.type !== 1) id.fail('the index of a heap is of a wrong type');
    for await (const record of tree.records) {
      const place = { address: record.requiredAddress('an object of a heap'), nbytes: record.size() };
      found.set(record.size(), place);
    }
    this.#huge = found;
    return found;
  }

  async #managed(offset: number, nbytes: number): Promise<Fields> {
    const { root, rows, firstBlock } = this.#heap;
    if (root === null) return this.#file.fail('an object is looked for in an empty heap', 0);
    if (rows === 0) return await this.#inBlock({ address: root, size: firstBlock }, offset, nbytes);
    let table = { address: root, rows };
    let at = offset;
    for (let depth = 0; depth < MAX_ROWS; depth++) {
      const place = this.#locate(at);
      const address = await this.#child(table, place);
      at -= place.start;
      if (place.size <= this.#heap.maxDirect) return await this.#inBlock({ address, size: place.size }, at, nbytes);
      table = { address, rows: this.#rowsOf(place.size) };
    }
    return this.#file.fail('the blocks of a heap are nested too deep', root);
  }

  async #inBlock(block: { address: number; size: number }, at: number, nbytes: number): Promise<Fields> {
    if (at + nbytes > block.size) this.#file.fail('an object leaves its block of the heap', block.address);
    await this.#file.structure(block.address, 4, { mark: 'FHDB', what: 'a block of a heap' });
    return await this.#read(block.address + at, nbytes);
  }

  async #read(address: number, nbytes: number): Promise<Fields> {
    if (nbytes > MAX_OBJECT)
      this.#file.fail(`an object of a heap takes ${nbytes} bytes; ${MAX_OBJECT} are read`, address);
    return await this.#file.fields(address, nbytes, 'an object of a heap');
  }

  /** Which block of a table holds an offset: rows double in size, but for the second. */
  #locate(offset: number): { row: number; column: number; start: number; size: number } {
    const { width, firstBlock } = this.#heap;
    const row = offset < width * firstBlock ? 0 : Math.floor(Math.log2(offset / (width * firstBlock))) + 1;
    const size = row === 0 ? firstBlock : firstBlock * 2 ** (row - 1);
    const rowStart = row === 0 ? 0 : width * size;
    const column = Math.floor((offset - rowStart) / size);
    return { row, column, start: rowStart + column * size, size };
  }

  #rowsOf(size: number): number {
    return Math.log2(size / (this.#heap.firstBlock * this.#heap.width)) + 1;
  }

  async #child(
    table: { address: number; rows: number },
    { row, column }: { row: number; column: number },
  ): Promise<number> {
    const { width, offsetBytes } = this.#heap;
    const what = 'a table of a heap';
    if (row >= table.rows) this.#file.fail('an object lies beyond the blocks of its heap', table.address);
    const prefix = 5 + this.#file.widths.offset + offsetBytes;
    const nbytes = prefix + table.rows * width * this.#file.widths.offset + 4;
    const held = this.#tables.get(table.address);
    const fields = held ?? (await this.#file.checked(table.address, nbytes, { mark: 'FHIB', what }));
    if (fields.bytes.length !== nbytes) this.#file.fail(`${what} has two lengths`, table.address);
    if (!held && this.#tables.size < MAX_TABLES) this.#tables.set(table.address, fields);
    fields.at = prefix + (row * width + column) * this.#file.widths.offset;
    return fields.requiredAddress('a block of a heap');
  }
}

async function readHeap(file: HdfBytes, address: number): Promise<Heap> {
  const { offset, length } = file.widths;
  const nbytes = 26 + 12 * length + 3 * offset;
  const what = 'the header of a heap';
  const fields = await file.structure(address, nbytes, { mark: 'FRHP', what });
  fields.skip(1);
  const idBytes = fields.u16();
  if (fields.u16() > 0) return file.fail('a heap is compressed; only datasets may be', address);
  await file.checked(address, nbytes, { mark: 'FRHP', what });
  fields.skip(1);
  const maxManaged = fields.u32();
  fields.skip(length);
  const huge = fields.addressOrNull();
  fields.skip(length + offset + 8 * length);
  const width = fields.u16();
  const firstBlock = fields.size();
  const maxDirect = fields.size();
  const heapBits = fields.u16();
  fields.skip(2);
  const root = fields.addressOrNull();
  const rows = fields.u16();
  const isSound = isPowerOfTwo(width) && isPowerOfTwo(firstBlock) && isPowerOfTwo(maxDirect) && firstBlock <= maxDirect;
  if (!isSound || heapBits > 64 || rows > MAX_ROWS || idBytes < 2) file.fail(`${what} is damaged`, address);
  const offsetBytes = Math.ceil(heapBits / 8);
  const lengthBytes = Math.min(
    Math.ceil(Math.log2(maxDirect) / 8),
    Math.floor(Math.log2(Math.max(maxManaged, 1)) / 8) + 1,
  );
  return { idBytes, offsetBytes, lengthBytes, width, firstBlock, maxDirect, root, rows, huge };
}

function isPowerOfTwo(value: number): boolean {
  return value >= 1 && Number.isInteger(Math.log2(value));
}
