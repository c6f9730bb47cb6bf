import type { PagedBytes } from '../paged-bytes.ts';
import { FlatBuffer, type Table, type Vector } from './flatbuffer.ts';

/** Fields of the tables of a model, by their number (tensorflow/compiler/mlir/lite/schema/schema.fbs). */
const MODEL = { version: 0, operatorCodes: 1, subgraphs: 2, description: 3, buffers: 4, metadata: 6 };
const SUBGRAPH = { tensors: 0, operators: 3, name: 4 };
const TENSOR = { shape: 0, type: 1, buffer: 2, name: 3, quantization: 4, sparsity: 6 };
const BUFFER = { data: 0, offset: 1, size: 2 };
const QUANTIZATION = { scale: 2, zeroPoint: 3, axis: 6 };
const METADATA = { name: 0, buffer: 1 };

/** A model has some thousand; as for every format, this many are read. */
const MAX_TENSORS = 2_000_000;
const MAX_SUBGRAPHS = 65_536;
const MAX_RANK = 64;
/** Numbers of a quantization that are shown: one per channel would be thousands. */
const SHOWN = 8;
/** Metadata of a model that is text fits here. */
const MAX_METADATA = 4096;

export interface ModelTensor {
  readonly name: string;
  readonly subgraph: number;
  readonly index: number;
  /** The schema's number of the element type. */
  readonly type: number;
  readonly shape: readonly number[];
  readonly buffer: number;
  /** The values are stored sparsely. */
  readonly sparse: boolean;
  readonly quantization: string | null;
}

export interface Run {
  readonly start: number;
  readonly nbytes: number;
}

export interface Subgraph {
  readonly name: string;
  readonly tensors: number;
  readonly operators: number;
}

export interface Model {
  readonly version: number;
  readonly description: string;
  readonly tensors: readonly ModelTensor[];
  readonly subgraphs: readonly Subgraph[];
  /** Where the values of each buffer lie; null for an empty one. */
  readonly buffers: readonly (Run | null)[];
  readonly metadata: readonly { readonly name: string; readonly text: string }[];
}

/** Reads the structure of a TensorFlow Lite model. @throws CheckpointFormatError */
export async function readModel(bytes: PagedBytes): Promise<Model> {
  const flat = new FlatBuffer(bytes);
  const root = await flat.root();
  const buffers = await readBuffers(flat, root);
  const tensors: ModelTensor[] = [];
  const subgraphs: Subgraph[] = [];
  const list = await flat.vector(root, MODEL.subgraphs, { width: 4, what: 'the list of subgraphs' });
  if ((list?.count ?? 0) > MAX_SUBGRAPHS) bytes.fail(`there are more than ${MAX_SUBGRAPHS} subgraphs`, root.position);
  for (let i = 0; i < (list?.count ?? 0); i++) {
    if (list)
      subgraphs.push(
        await readSubgraph(flat, await flat.tableAt(list, i, `subgraph ${i}`), { index: i, into: tensors }),
      );
  }
  return {
    version: await flat.u32(root, MODEL.version),
    description: await flat.text(root, MODEL.description, 'the description of the model'),
    tensors,
    subgraphs,
    buffers,
    metadata: await readMetadata(flat, root, buffers),
  };
}

async function readBuffers(flat: FlatBuffer, root: Table): Promise<(Run | null)[]> {
  const list = await flat.vector(root, MODEL.buffers, { width: 4, what: 'the list of buffers' });
  const buffers: (Run | null)[] = [];
  for (let i = 0; i < (list?.count ?? 0); i++) {
    const what = `buffer ${i}`;
    const table = list && (await flat.tableAt(list, i, what));
    if (table) buffers.push(await readBuffer(flat, table, what));
  }
  return buffers;
}

/** The values stand in the flatbuffer, or behind it where it would grow beyond 2 GB. */
async function readBuffer(flat: FlatBuffer, table: Table, what: string): Promise<Run | null> {
  const data = await flat.vector(table, BUFFER.data, { width: 1, what });
  if (data && data.count > 0) return { start: data.start, nbytes: data.count };
  const start = await flat.u64(table, BUFFER.offset);
  const nbytes = await flat.u64(table, BUFFER.size);
  // The converter writes 1 as a mark while it does not know the place.
  if (start <= 1 || nbytes === 0) return null;
  flat.bytes.check(start, nbytes, what);
  return { start, nbytes };
}

async function readSubgraph(
  flat: FlatBuffer,
  table: Table,
  { index, into }: { readonly index: number; readonly into: ModelTensor[] },
): Promise<Subgraph> {
  const tensors = await flat.vector(table, SUBGRAPH.tensors, { width: 4, what: `the tensors of subgraph ${index}` });
  const operators = await flat.vector(table, SUBGRAPH.operators, {
    width: 4,
    what: `the operators of subgraph ${index}`,
  });
  for (let i = 0; i < (tensors?.count ?? 0); i++) {
    if (into.length >= MAX_TENSORS) flat.bytes.fail(`there are more than ${MAX_TENSORS} tensors`, table.position);
    const what = `tensor ${i} of subgraph ${index}`;
    if (tensors)
      into.push(await readTensor(flat, await flat.tableAt(tensors, i, what), { subgraph: index, index: i, what }));
  }
  const name = await flat.text(table, SUBGRAPH.name, `the name of subgraph ${index}`);
  return { name, tensors: tensors?.count ?? 0, operators: operators?.count ?? 0 };
}

async function readTensor(
  flat: FlatBuffer,
  table: Table,
  { subgraph, index, what }: { readonly subgraph: number; readonly index: number; readonly what: string },
): Promise<ModelTensor> {
  return {
    name: await flat.text(table, TENSOR.name, `the name of ${what}`),
    subgraph,
    index,
    type: (await flat.scalar(table, TENSOR.type, 1))?.readInt8(0) ?? 0,
    shape: await readShape(flat, table, what),
    buffer: await flat.u32(table, TENSOR.buffer),
    sparse: (await flat.child(table, TENSOR.sparsity, what)) !== null,
    quantization: await readQuantization(flat, table, what),
  };
}

async function readShape(flat: FlatBuffer, table: Table, what: string): Promise<number[]> {
  const sizes = await flat.vector(table, TENSOR.shape, { width: 4, what: `the shape of ${what}` });
  if (!sizes) return [];
  if (sizes.count > MAX_RANK)
    flat.bytes.fail(`${what} has ${sizes.count} dimensions; ${MAX_RANK} are read`, sizes.start);
  const bytes = await flat.elements(sizes, 4, MAX_RANK);
  return Array.from({ length: sizes.count }, (_, i) => bytes.readInt32LE(4 * i));
}

/** For people: `scale 0.5, zero point 3` or, per channel, the first of them and the axis. */
async function readQuantization(flat: FlatBuffer, table: Table, what: string): Promise<string | null> {
  const quantization = await flat.child(table, TENSOR.quantization, `the quantization of ${what}`);
  if (!quantization) return null;
  const list = { what: `the quantization of ${what}` };
  const scales = await flat.vector(quantization, QUANTIZATION.scale, { width: 4, ...list });
  if (!scales || scales.count === 0) return null;
  const points = await flat.vector(quantization, QUANTIZATION.zeroPoint, { width: 8, ...list });
  const scaleBytes = await flat.elements(scales, 4, SHOWN);
  const pointBytes = points ? await flat.elements(points, 8, SHOWN) : Buffer.alloc(0);
  const scale = Array.from({ length: scaleBytes.length / 4 }, (_, i) => scaleBytes.readFloatLE(4 * i));
  const zero = Array.from({ length: pointBytes.length / 8 }, (_, i) => String(pointBytes.readBigInt64LE(8 * i)));
  const parts = [
    `scale ${shown(scale, scales)}`,
    ...(points && points.count > 0 ? [`zero point ${shown(zero, points)}`] : []),
  ];
  return scales.count > 1
    ? `${parts.join(', ')}, along axis ${await flat.u32(quantization, QUANTIZATION.axis)}`
    : parts.join(', ');
}

function shown(values: readonly (number | string)[], { count }: Vector): string {
  return count === 1 ? String(values[0]) : `[${values.join(', ')}${count > values.length ? ', …' : ''}]`;
}

async function readMetadata(
  flat: FlatBuffer,
  root: Table,
  buffers: readonly (Run | null)[],
): Promise<{ name: string; text: string }[]> {
  const list = await flat.vector(root, MODEL.metadata, { width: 4, what: 'the metadata' });
  const found: { name: string; text: string }[] = [];
  for (let i = 0; i < (list?.count ?? 0); i++) {
    const table = list && (await flat.tableAt(list, i, 'the metadata'));
    if (!table) continue;
    const buffer = buffers[await flat.u32(table, METADATA.buffer)] ?? null;
    found.push({
      name: await flat.text(table, METADATA.name, 'a name of the metadata'),
      text: await metadataText(flat, buffer),
    });
  }
  return found;
}

/** Text as it is, without the NULs that fill its buffer; of all else the length. */
async function metadataText(flat: FlatBuffer, buffer: Run | null): Promise<string> {
  if (!buffer) return '';
  const bytes = await flat.bytes.bytes(buffer.start, Math.min(buffer.nbytes, MAX_METADATA), 'metadata');
  const text = bytes.toString('latin1').replace(/\0+$/, '');
  return buffer.nbytes <= MAX_METADATA && /^[\x20-\x7e]+$/.test(text) ? text : `${buffer.nbytes} bytes`;
}
