import {
  type Dataspace,
  type Filter,
  type Layout,
  readDataspace,
  readFillValue,
  readFilters,
  readLayout,
  readOldFillValue,
} from './dataset-messages.ts';
import { type Datatype, readDatatype } from './datatype.ts';
import type { Fields } from './fields.ts';
import { type HeaderMessage, MESSAGE } from './object-header.ts';

/** An array of a file, as its object header describes it. */
export interface Dataset {
  readonly type: Datatype;
  /** Null: no elements and no shape (H5S_NULL). */
  readonly space: Dataspace | null;
  readonly layout: Layout;
  readonly filters: readonly Filter[];
  /** The element that stands for what was never written; null for zeros. */
  readonly fill: Buffer | null;
  /** Its elements lie in other files. */
  readonly external: boolean;
}

/** Undefined where the messages are those of a group or of a committed type. @throws CheckpointFormatError */
export function readDataset(messages: readonly HeaderMessage[]): Dataset | undefined {
  const layout = fieldsOf(messages, MESSAGE.layout);
  const type = fieldsOf(messages, MESSAGE.datatype);
  const space = fieldsOf(messages, MESSAGE.dataspace);
  if (!layout || !type || !space) return undefined;
  const filters = fieldsOf(messages, MESSAGE.filters);
  return {
    type: readDatatype(type),
    space: readDataspace(space),
    layout: readLayout(layout),
    filters: filters ? readFilters(filters) : [],
    fill: fillOf(messages),
    external: messages.some((message) => message.type === MESSAGE.externalFiles),
  };
}

function fillOf(messages: readonly HeaderMessage[]): Buffer | null {
  const fields = fieldsOf(messages, MESSAGE.fillValue);
  if (fields) return readFillValue(fields);
  const old = fieldsOf(messages, MESSAGE.oldFillValue);
  return old ? readOldFillValue(old) : null;
}

function fieldsOf(messages: readonly HeaderMessage[], type: number): Fields | undefined {
  return messages.find((message) => message.type === type)?.fields;
}
