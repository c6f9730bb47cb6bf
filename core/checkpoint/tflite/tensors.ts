import { bytesFor, type DType } from '../../ndarray/dtype.ts';
import { elementCount, formatShape } from '../../ndarray/shape.ts';
import type { Entry, OtherArray } from '../checkpoint.ts';
import type { PagedBytes } from '../paged-bytes.ts';
import type { Model, ModelTensor, Run } from './model.ts';

/** The schema's TensorType by number; null for what is no number. */
const TYPES: readonly (DType | null)[] = [
  'float32',
  'float16',
  'int32',
  'uint8',
  'int64',
  null,
  'bool',
  'int16',
  'complex64',
  'int8',
  'float64',
  'complex128',
  'uint64',
  null,
  null,
  'uint32',
  'uint16',
  'int4',
  'bfloat16',
  'int2',
  'uint4',
  'float8_e4m3fn',
  'float8_e5m2',
];

const OTHER_TYPES: Readonly<Record<number, string>> = { 5: 'string', 13: 'resource', 14: 'variant' };

/** The tensors of a model that have values, graph after graph; activations have none and are left out. */
export function tensorsOf(bytes: PagedBytes, model: Model): { entries: Entry[]; others: OtherArray[] } {
  const entries: Entry[] = [];
  const others: OtherArray[] = [];
  const names = new Set<string>();
  const groups = sharedBuffers(model.tensors);
  for (const tensor of model.tensors) {
    const run = model.buffers[tensor.buffer];
    if (run === undefined)
      bytes.fail(`tensor ${JSON.stringify(tensor.name)} is in buffer ${tensor.buffer}, which is not there`, 0);
    if (!run) continue;
    const name = uniqueName(tensor, names);
    const dtype = TYPES[tensor.type];
    if (dtype && !tensor.sparse)
      entries.push(entryOf({ bytes, tensor, run, name, dtype, group: groups.get(tensor.buffer) }));
    else others.push({ ...otherOf(tensor, run), name, offset: bytes.base + run.start, before: entries.length });
  }
  return { entries, others };
}

/** Buffers that more than one tensor uses, numbered. */
function sharedBuffers(tensors: readonly ModelTensor[]): Map<number, number> {
  const seen = new Set<number>();
  const shared = new Map<number, number>();
  for (const { buffer } of tensors) {
    if (seen.has(buffer) && !shared.has(buffer)) shared.set(buffer, shared.size);
    seen.add(buffer);
  }
  return shared;
}

/** Graphs may use one name for several tensors; the place then tells them apart. */
function uniqueName({ name, subgraph, index }: ModelTensor, taken: Set<string>): string {
  const unique = taken.has(name) ? `${name}:${subgraph}.${index}` : name;
  taken.add(unique);
  return unique;
}

interface Placed {
  readonly bytes: PagedBytes;
  readonly tensor: ModelTensor;
  readonly run: Run;
  readonly name: string;
  readonly dtype: DType;
  readonly group: number | undefined;
}

function entryOf({ bytes, tensor, run, name, dtype, group }: Placed): Entry {
  const { shape, quantization } = tensor;
  const nbytes = bytesFor(dtype, elementCount(shape));
  const what = `tensor ${JSON.stringify(name)}, ${dtype} ${formatShape(shape)},`;
  if (shape.some((size) => size < 0)) bytes.fail(`${what} has values, but no shape of its own`, run.start);
  if (nbytes !== run.nbytes) bytes.fail(`${what} takes ${nbytes} bytes; its buffer has ${run.nbytes}`, run.start);
  return {
    name,
    dtype,
    shape,
    nbytes,
    file: 0,
    offset: bytes.base + run.start,
    ...(group !== undefined && { storageGroup: group }),
    ...(quantization !== null && { facts: { quantization } }),
  };
}

function otherOf(
  { type, shape, sparse }: ModelTensor,
  { nbytes }: Run,
): Omit<OtherArray, 'name' | 'offset' | 'before'> {
  const dtype = TYPES[type] ?? OTHER_TYPES[type] ?? `type ${type}`;
  const text = sparse ? 'its values are stored sparsely, which this version does not unpack' : '';
  return { dtype: sparse ? `sparse ${dtype}` : dtype, shape, nbytes, file: 0, text };
}
