import type { Filter } from '../dataset-messages.ts';
import { FieldWriter } from './field-writer.ts';

const DEFLATE = 1;
const SHUFFLE = 2;
const FLETCHER = 3;
const DEFLATE_LEVEL = 4;
/** A chunk may do without it. */
const OPTIONAL = 1;

/**
 * The filters under which elements of `itemsize` bytes are written in place of those that a dataset had: the same
 * where they can be applied, deflate for any other that compresses.
 */
export function writtenFilters(former: readonly Filter[], itemsize: number): Filter[] {
  const filters: Filter[] = [];
  for (const filter of former) {
    if (filter.id === SHUFFLE) filters.push({ ...filter, parameters: [itemsize] });
    else if (filter.id === DEFLATE || filter.id === FLETCHER) filters.push(filter);
    else if (!former.some(({ id }) => id === DEFLATE) && !filters.some(({ id }) => id === DEFLATE)) {
      filters.push({ id: DEFLATE, name: 'deflate', parameters: [DEFLATE_LEVEL] });
    }
  }
  return filters;
}

/** The filter pipeline message, version 1 (HDF5 File Format Specification, IV.A.2.l). */
export function filtersMessage(filters: readonly Filter[]): Buffer {
  const fields = new FieldWriter().u8(1, filters.length, 0, 0, 0, 0, 0, 0);
  for (const { id, parameters } of filters) {
    fields
      .u16(id)
      .u16(0)
      .u16(id === FLETCHER ? 0 : OPTIONAL)
      .u16(parameters.length);
    for (const parameter of parameters) fields.u32(parameter);
    if (parameters.length % 2 === 1) fields.u32(0);
  }
  return fields.bytes();
}
