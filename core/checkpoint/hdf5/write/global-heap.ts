import type { Blocks } from './block.ts';
import { FieldWriter, padded } from './field-writer.ts';
import type { Movable } from './model.ts';

/** The library reads no smaller collection. */
const MIN_COLLECTION = 4096;
const HEAD = 16;
/** A collection is full beyond this: texts of attributes are read one by one. */
const FULL = 64 * 1024;

interface Collection {
  readonly items: Movable[];
  nbytes: number;
  address: number;
}

/** Where an object of the heap stands. */
export interface HeapPlace {
  readonly address: number;
  readonly index: number;
}

/** Texts and lists of any length, in collections (HDF5 File Format Specification, III.E). */
export class GlobalHeap {
  readonly #collections: Collection[] = [];
  readonly #places = new Map<Movable, { readonly collection: Collection; readonly index: number }>();

  /** Takes in what `movable` leads to, and what that leads to. */
  add({ items }: Movable): void {
    for (const { item } of items) {
      const need = HEAD + padded(item.bytes.length);
      let collection = this.#collections.at(-1);
      if (!collection || collection.nbytes + need > FULL) {
        collection = { items: [], nbytes: HEAD, address: 0 };
        this.#collections.push(collection);
      }
      collection.items.push(item);
      collection.nbytes += need;
      this.#places.set(item, { collection, index: collection.items.length });
      this.add(item);
    }
  }

  placeOf(item: Movable): HeapPlace {
    const place = this.#places.get(item);
    if (!place) throw new TypeError('An object of the heap has no place.');
    return { address: place.collection.address, index: place.index };
  }

  place(blocks: Blocks, settled: (item: Movable) => Buffer): void {
    for (const collection of this.#collections) {
      const nbytes = Math.max(MIN_COLLECTION, collection.nbytes);
      collection.address = blocks.place({ nbytes, encode: () => encoded(collection.items, { nbytes, settled }) });
    }
  }
}

interface Encoding {
  readonly nbytes: number;
  readonly settled: (item: Movable) => Buffer;
}

function encoded(items: readonly Movable[], { nbytes, settled }: Encoding): Buffer {
  const fields = new FieldWriter().text('GCOL').u8(1, 0, 0, 0).u64(nbytes);
  for (const [i, item] of items.entries()) {
    fields
      .u16(i + 1)
      .u16(1)
      .u32(0)
      .u64(item.bytes.length)
      .raw(settled(item))
      .align();
  }
  const left = nbytes - fields.length;
  // Object 0 is the room that is left, its own head included.
  if (left >= HEAD) fields.u16(0).u16(0).u32(0).u64(left);
  return fields.fill(nbytes).bytes();
}
