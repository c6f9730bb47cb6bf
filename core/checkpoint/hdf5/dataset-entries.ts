import { bytesFor, dtypeInfo } from '../../ndarray/dtype.ts';
import { elementCount, formatShape, stridesOf } from '../../ndarray/shape.ts';
import type { Entry, OtherArray } from '../checkpoint.ts';
import { type Arrangement, contiguous, sliceOf, stridedStorage } from '../unpack/stored-bytes.ts';
import { clippedText } from '../value-text.ts';
import type { Hdf5Container } from './container.ts';
import type { Dataset } from './dataset.ts';
import { datasetStorage } from './dataset-storage.ts';
import { type ElementStorage, elementStorage } from './element-storage.ts';
import { typeName } from './element-type.ts';
import { readElement } from './element-values.ts';
import type { HdfBytes } from './fields.ts';
import { unreadableFilter } from './filter-chain.ts';

/** Elements that are shown of an array of strings. */
const SHOWN = 64;

/** A dataset under one of its names. */
export interface NamedDataset {
  readonly name: string;
  /** Address of its object header. */
  readonly object: number;
  readonly dataset: Dataset;
  readonly facts: Readonly<Record<string, string>>;
}

/** What a dataset gives: a tensor, a tensor per field of its records, or an array that is none. */
export interface DatasetParts {
  readonly entries: readonly Entry[];
  readonly others: readonly Omit<OtherArray, 'before'>[];
}

/** @throws CheckpointFormatError where elements in one run leave the file */
export async function partsOf(file: HdfBytes, container: Hdf5Container, named: NamedDataset): Promise<DatasetParts> {
  const { dataset, name } = named;
  const fields = fieldsOf(dataset);
  const entries: Entry[] = [];
  const others: Omit<OtherArray, 'before'>[] = [];
  for (const field of fields) {
    const element = elementStorage(dataset.type, field);
    const isReadable = dataset.space !== null && !dataset.external && dataset.layout.kind !== 'virtual';
    if (element && isReadable) {
      entries.push(entryOf({ file, container, named, field, element }));
    } else {
      others.push(await otherOf(file, field === null ? named : { ...named, name: `${name}.${field}` }, field));
    }
  }
  return { entries, others };
}

/** The fields of records, each a column; `[null]` for all else. */
function fieldsOf({ type }: Dataset): (string | null)[] {
  if (type.kind !== 'compound' || elementStorage(type, null)) return [null];
  return type.members.map(({ name }) => name);
}

interface Column {
  readonly file: HdfBytes;
  readonly container: Hdf5Container;
  readonly named: NamedDataset;
  readonly field: string | null;
  readonly element: ElementStorage;
}

function entryOf(column: Column): Entry {
  const { named, field, element } = column;
  const shape = [...(named.dataset.space?.shape ?? []), ...element.inner];
  const { dtype } = element;
  const facts = { ...factsOf(named.dataset, element), ...named.facts };
  return {
    name: field === null ? named.name : `${named.name}.${field}`,
    dtype,
    shape,
    nbytes: bytesFor(dtype, elementCount(shape)),
    file: column.container.stored.runs[0]?.file ?? 0,
    ...placeOf(column),
    ...(Object.keys(facts).length > 0 && { facts }),
  };
}

function placeOf({ file, container, named, field, element }: Column): Pick<Entry, 'offset' | 'packed'> {
  const { dataset, object } = named;
  const { layout, space } = dataset;
  const start = file.bytes.base;
  const isEmpty = elementCount(space?.shape ?? []) === 0;
  if (isEmpty) return { offset: start };
  const address = layout.kind === 'compact' || layout.kind === 'contiguous' ? layout.address : null;
  if (address === null) return { offset: start + object, packed: datasetStorage(container.stored, object, field) };
  const nbytes = elementCount(space?.shape ?? []) * element.size;
  file.bytes.check(address, nbytes, `the elements of ${JSON.stringify(named.name)}`);
  if (layout.kind === 'compact' && nbytes > layout.nbytes)
    file.fail('a dataset is larger than its header holds', address);
  const plain = container.stored.compression === 'none';
  const inContainer = start - container.extent.start + address;
  const stored = sliceOf(container.stored, inContainer, nbytes);
  if (plain && element.size === element.nbytes && element.swap === 1) return { offset: start + address };
  return {
    offset: plain ? start + address : (stored.runs[0]?.offset ?? 0),
    packed: stridedStorage(stored, arrangementOf(named, element)),
  };
}

/** Numbers within elements of `size` bytes, in C order. */
function arrangementOf({ dataset }: NamedDataset, element: ElementStorage): Arrangement {
  const { dtype, size, nbytes, start, swap, inner } = element;
  if (size === nbytes) return { ...contiguous(dtype), swap };
  const itemsize = dtypeInfo(dtype).bits / 8;
  const strides = [
    ...stridesOf(dataset.space?.shape ?? []).map((stride) => stride * size),
    ...stridesOf(inner).map((stride) => stride * itemsize),
  ];
  return { itemsize, swap, start, strides };
}

function factsOf({ layout, filters, space }: Dataset, { facts, bigEndian }: ElementStorage): Record<string, string> {
  const unreadable = unreadableFilter(filters);
  return {
    ...facts,
    ...(layout.kind === 'chunked' && { chunks: formatShape(layout.chunk) }),
    ...(filters.length > 0 && { filters: filters.map(({ name }) => name).join(', ') }),
    ...(unreadable !== null && { unreadable: `packed by ${unreadable}, which this version does not unpack` }),
    ...((layout.kind === 'contiguous' || layout.kind === 'chunked') &&
      layout.address === null && { written: 'never: all elements are the fill value' }),
    ...(space?.limits.includes(null) && { resizable: formatLimits(space.limits) }),
    ...(bigEndian && { 'byte order': 'big-endian' }),
  };
}

function formatLimits(limits: readonly (number | null)[]): string {
  return `(${limits.map((limit) => limit ?? 'unlimited').join(', ')})`;
}

async function otherOf(
  file: HdfBytes,
  { name, dataset }: NamedDataset,
  field: string | null,
): Promise<Omit<OtherArray, 'before'>> {
  const { type, space, layout, external } = dataset;
  const member =
    type.kind === 'compound' && field !== null ? type.members.find((candidate) => candidate.name === field) : null;
  const shape = space?.shape ?? [];
  const nbytes = elementCount(shape) * type.size;
  const head = { name, dtype: typeName(member?.type ?? type), shape, nbytes };
  if (space === null) return { ...head, nbytes: 0, text: 'empty' };
  if (external) return { ...head, text: 'its elements lie in other files' };
  if (layout.kind === 'virtual') return { ...head, text: 'a virtual dataset: its elements lie in other datasets' };
  const address = layout.kind === 'compact' || layout.kind === 'contiguous' ? layout.address : null;
  if (address === null || member) return { ...head, text: '' };
  file.bytes.check(address, nbytes, `the elements of ${JSON.stringify(name)}`);
  const text = await shownElements(file, dataset, address);
  return type.kind === 'vlen' ? { ...head, text } : { ...head, text, file: 0, offset: file.bytes.base + address };
}

async function shownElements(file: HdfBytes, { type, space }: Dataset, address: number): Promise<string> {
  const count = elementCount(space?.shape ?? []);
  const shown = Math.min(count, SHOWN);
  const fields = await file.fields(address, shown * type.size, 'the elements of an array');
  const values: unknown[] = [];
  for (let i = 0; i < shown; i++) values.push(await readElement(file, type, fields.part(type.size)));
  return clippedText(JSON.stringify(values) + (count > shown ? ' …' : ''));
}
