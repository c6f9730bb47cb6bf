import { type DType, dtypeInfo } from '../../../ndarray/dtype.ts';
import type { Shape } from '../../../ndarray/shape.ts';
import type { Dataset } from '../dataset.ts';
import type { Filter } from '../dataset-messages.ts';
import type { Datatype } from '../datatype.ts';
import { type ElementStorage, elementStorage } from '../element-storage.ts';
import { MESSAGE } from '../object-header.ts';
import { datatypeMessage } from './datatype-message.ts';
import { FieldWriter } from './field-writer.ts';
import { filtersMessage, writtenFilters } from './filters-message.ts';
import {
  type HdfAttribute,
  type HdfMessage,
  type HdfObject,
  type HdfStorage,
  type HeaderStyle,
  unmoved,
} from './model.ts';

/** Version 2: room late, fill when room is made, with zeros. */
const FILL_VALUE = Buffer.from([2, 2, 2, 1, 0, 0, 0, 0]);

/** An array as HDF5 knows it. */
export interface ArrayType {
  /** For messages. */
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

export function newDataset(array: ArrayType, storage: HdfStorage, style: HeaderStyle): HdfObject {
  const messages = [
    message(MESSAGE.dataspace, dataspaceMessage(array.shape)),
    message(MESSAGE.datatype, datatypeMessage(array.dtype, array.name)),
    message(MESSAGE.fillValue, FILL_VALUE),
  ];
  return { style, messages, attributes: [], group: null, storage, described: null };
}

/** How the elements of a dataset are written anew. */
export interface Rewriting {
  /** What becomes of its messages, and of its attributes. */
  readonly messages: HdfMessage[];
  readonly attributes: HdfAttribute[];
  readonly packing: Packing;
}

/** How the numbers of a dataset become its stored bytes. */
export interface Packing {
  /** Null: all in one run. */
  readonly chunk: readonly number[] | null;
  readonly filters: readonly Filter[];
  readonly itemsize: number;
  /** Bytes that are reversed as a group; 1 where nothing is. */
  readonly swap: number;
}

/**
 * How a dataset holds other elements than it had: in chunks where it did and its rank stays, else in one run.
 * Attributes stay as they are, and type, shape and filters where they can.
 */
export function rewriting({ messages, attributes, described }: HdfObject, array: ArrayType): Rewriting {
  if (!described) throw new TypeError(`'${array.name}' is no dataset.`);
  const element = elementStorage(described.type, null);
  const former = [...(described.space?.shape ?? []), ...(element?.inner ?? [])];
  const chunk = chunkFor(described, array.shape);
  const newType = !describes(described.type, element, array.dtype);
  const newShape = former.join() !== array.shape.join() || (newType && (element?.inner.length ?? 0) > 0);
  const itemsize = newType ? dtypeInfo(array.dtype).bits / 8 : described.type.size;
  const filters = !chunk ? [] : newType ? writtenFilters(described.filters, itemsize) : described.filters;
  const limits = chunk ? (described.space?.limits ?? []) : [];
  const kept = messages.flatMap((own): HdfMessage[] => {
    switch (own.type) {
      case MESSAGE.datatype:
        return [newType ? message(own.type, datatypeMessage(array.dtype, array.name)) : own];
      case MESSAGE.dataspace:
        return [
          newShape || !chunk ? message(own.type, dataspaceMessage(spaceOf(array, described, newShape), limits)) : own,
        ];
      case MESSAGE.fillValue:
        return [newType ? message(own.type, FILL_VALUE) : own];
      case MESSAGE.oldFillValue:
        return newType ? [] : [own];
      case MESSAGE.filters:
        if (filters === described.filters) return [own];
        return filters.length > 0 ? [message(own.type, filtersMessage(filters))] : [];
      default:
        return [own];
    }
  });
  const swap = newType ? 1 : (element?.swap ?? 1);
  const isOpaque = described.type.kind === 'opaque';
  return {
    messages: kept,
    // What Keras says of opaque elements would be wrong of others.
    attributes: isOpaque && newType ? attributes.filter(({ name }) => name !== 'dtype') : attributes,
    packing: { chunk, filters, itemsize, swap },
  };
}

/** Whether elements of a type are numbers of `dtype` and nothing else. */
function describes(type: Datatype, element: ElementStorage | undefined, dtype: DType): boolean {
  // Keras' bfloat16, the only opaque elements that are listed as numbers.
  if (type.kind === 'opaque') return dtype === 'bfloat16';
  return element !== undefined && element.size === element.nbytes && element.dtype === dtype;
}

/** The shape of the dataset: that of the array, without what its type holds where that stays. */
function spaceOf({ shape }: ArrayType, { space }: Dataset, newShape: boolean): Shape {
  return newShape ? shape : (space?.shape ?? []);
}

/** Null where the elements are written in one run. No chunk is larger than a dataset that cannot grow. */
function chunkFor({ layout, space, type }: Dataset, shape: Shape): number[] | null {
  if (layout.kind !== 'chunked' || layout.chunk.length !== shape.length || type.kind === 'array') return null;
  return layout.chunk.map((size, axis) =>
    space?.limits[axis] === null ? size : Math.max(1, Math.min(size, shape[axis] ?? 1)),
  );
}

/** Version 1: rank, whether it may grow, five reserved bytes, sizes, and limits where one is none. */
export function dataspaceMessage(shape: Shape, limits: readonly (number | null)[] = []): Buffer {
  const grows = limits.includes(null);
  const fields = new FieldWriter().u8(1, shape.length, grows ? 1 : 0, 0, 0, 0, 0, 0);
  for (const size of shape) fields.u64(size);
  if (grows) for (const [axis, size] of shape.entries()) fields.address(limits[axis] === null ? null : size);
  return fields.bytes();
}

/** The data layout message, version 3, with the place of the elements. */
export function layoutMessage(storage: HdfStorage, address: number | null): Buffer {
  switch (storage.kind) {
    case 'compact':
      return new FieldWriter().u8(3, 0).u16(storage.content.bytes.length).raw(storage.content.bytes).bytes();
    case 'contiguous':
      return new FieldWriter().u8(3, 1).address(address).u64(storage.nbytes).bytes();
    case 'chunked': {
      const { chunk, elementBytes } = storage;
      const fields = new FieldWriter().u8(3, 2, chunk.length + 1).address(address);
      for (const size of [...chunk, elementBytes]) fields.u32(size);
      return fields.bytes();
    }
  }
}

function message(type: number, bytes: Buffer): HdfMessage {
  return { type, flags: 0, order: null, content: unmoved(bytes) };
}
