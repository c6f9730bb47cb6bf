import type { DType } from '../../../ndarray/dtype.ts';
import type { Shape } from '../../../ndarray/shape.ts';
import { MESSAGE } from '../object-header.ts';
import { datatypeMessage } from './datatype-message.ts';
import { FieldWriter } from './field-writer.ts';
import { type HdfMessage, type HdfObject, type HdfStorage, type HeaderStyle, unmoved } from './model.ts';

/** Version 2, room when first written, fill what is not written, with zeros. */
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
  return { style, messages, attributes: [], group: null, storage };
}

/** What of a dataset changes with the type and the shape of its elements. */
export interface Retyping {
  readonly array: ArrayType;
  /** Whether the elements are no longer described as they were. */
  readonly newType: boolean;
  readonly newShape: boolean;
  readonly chunked: boolean;
}

/** The messages of a dataset whose elements are written anew; `keepsFilter` says which of its filters go on. */
export function retyped(messages: readonly HdfMessage[], { array, newType, newShape, chunked }: Retyping): HdfMessage[] {
  const result: HdfMessage[] = [];
  for (const former of messages) {
    switch (former.type) {
      case MESSAGE.datatype:
        result.push(newType ? message(MESSAGE.datatype, datatypeMessage(array.dtype, array.name)) : former);
        break;
      case MESSAGE.dataspace:
        result.push(newShape ? message(MESSAGE.dataspace, dataspaceMessage(array.shape)) : former);
        break;
      case MESSAGE.fillValue:
      case MESSAGE.oldFillValue:
        if (!newType) result.push(former);
        else if (former.type === MESSAGE.fillValue) result.push(message(MESSAGE.fillValue, FILL_VALUE));
        break;
      case MESSAGE.filters:
        if (chunked) result.push(former);
        break;
      default:
        result.push(former);
    }
  }
  return result;
}

/** Version 1: rank, no limits, five reserved bytes. */
export function dataspaceMessage(shape: Shape): Buffer {
  const fields = new FieldWriter().u8(1, shape.length, 0, 0, 0, 0, 0, 0);
  for (const size of shape) fields.u64(size);
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
