import { bytesFor, type DType, dtypeInfo, isPacked } from '../../ndarray/dtype.ts';
import { elementCount, formatShape, type Shape } from '../../ndarray/shape.ts';
import type { WireReader } from '../protobuf/wire-reader.ts';
import { type DataType, dataType } from './data-types.ts';
import type { ExternalFiles } from './external-files.ts';
import type { TensorMessage } from './tensor-message.ts';
import type { TypedParameters } from './typed-values.ts';

/** Where the elements of a tensor lie. */
export interface PlacedTensor {
  readonly type: DataType;
  readonly shape: Shape;
  readonly nbytes: number;
  /** Index into the model's files. */
  readonly file: number;
  readonly offset: number;
  readonly stored: 'raw_data' | 'typed' | 'external';
  /** Of elements in a typed field that do not lie there as they are. */
  readonly typed?: TypedParameters;
}

/** Finds the elements of a tensor, and checks that they are there. A promise only where they are in another file. */
export function placeTensor(
  reader: WireReader,
  message: TensorMessage,
  { what, files }: { readonly what: string; readonly files: ExternalFiles },
): PlacedTensor | Promise<PlacedTensor> {
  const type =
    dataType(message.dataType) ??
    reader.fail(`${what} is of data type ${message.dataType}, which ONNX does not have`, message.start);
  const shape = message.dims;
  const nbytes = bytesFor(type.dtype, elementCount(shape));
  if (!Number.isSafeInteger(nbytes)) {
    reader.fail(`${what} has the shape ${formatShape(shape)}, which is too large`, message.start);
  }
  const tensor = { type, shape, nbytes };
  if (message.isExternal) return placeExternal(reader, message, { what, files, tensor });
  if (message.raw) return { ...tensor, ...placeRaw(reader, message.raw, { what, tensor }) };
  return { ...tensor, ...placeTyped(reader, message, { what, tensor }) };
}

type Place = Omit<PlacedTensor, 'type' | 'shape' | 'nbytes'>;
type Sized = Pick<PlacedTensor, 'type' | 'shape' | 'nbytes'>;

function describe({ type, shape, nbytes }: Sized): string {
  return `${formatShape(shape)} of ${type.name} takes ${nbytes} bytes`;
}

function placeRaw(
  reader: WireReader,
  { start, stop }: { readonly start: number; readonly stop: number },
  { what, tensor }: { readonly what: string; readonly tensor: Sized },
): Place {
  if (stop - start !== tensor.nbytes) {
    reader.fail(`${what}: ${describe(tensor)}, but raw_data has ${stop - start}`, start);
  }
  return { file: 0, offset: start, stored: 'raw_data' };
}

async function placeExternal(
  reader: WireReader,
  { external, start }: TensorMessage,
  { what, files, tensor }: { readonly what: string; readonly files: ExternalFiles; readonly tensor: Sized },
): Promise<PlacedTensor> {
  const { nbytes } = tensor;
  const location =
    external.find(({ key }) => key === 'location')?.value ?? reader.fail(`${what} has its data in no file`, start);
  const offset = sizeOf('offset') ?? 0;
  const length = sizeOf('length') ?? nbytes;
  if (length !== nbytes) {
    reader.fail(`${what} takes ${nbytes} bytes, but its external data is said to have ${length}`, start);
  }
  const file = await files.open(location, what);
  const size = files.sources[file]?.size ?? 0;
  if (offset + nbytes > size) {
    reader.fail(
      `${what} should take bytes ${offset} to ${offset + nbytes} of ${JSON.stringify(location)}, which has ${size}`,
      start,
    );
  }
  return { ...tensor, file, offset, stored: 'external' };

  function sizeOf(key: string): number | undefined {
    const entry = external.find((known) => known.key === key);
    if (!entry) return undefined;
    const size = Number(entry.value);
    const isSize = /^\d+$/.test(entry.value) && Number.isSafeInteger(size);
    return isSize ? size : reader.fail(`${what}: the ${key} of its external data is no size`, entry.message.start);
  }
}

function placeTyped(
  reader: WireReader,
  { typed, start }: TensorMessage,
  { what, tensor }: { readonly what: string; readonly tensor: Sized },
): Place {
  const { type, nbytes } = tensor;
  const runs = typed.find(({ field }) => field === type.field)?.runs ?? [];
  const [first] = runs;
  if (!first) {
    if (nbytes === 0) return { file: 0, offset: start, stored: 'typed' };
    return reader.fail(`${what}: ${describe(tensor)}, but neither raw_data nor ${type.field} holds any`, start);
  }
  const item = itemBytes(type.dtype);
  const isFixed = type.field === 'float_data' || type.field === 'double_data';
  const held = runs.reduce((sum, run) => sum + run.stop - run.start, 0);
  if (isFixed && runs.length === 1 && !first.tagged) {
    if (held !== nbytes) reader.fail(`${what}: ${describe(tensor)}, but ${type.field} has ${held}`, first.start);
    return { file: 0, offset: first.start, stored: 'typed' };
  }
  const width = isFixed ? (type.field === 'float_data' ? 4 : 8) : 0;
  const values = nbytes / (isFixed ? width : item);
  // A value takes at least its width, or one byte of a varint.
  if (held < values * Math.max(1, width)) {
    reader.fail(`${what}: ${describe(tensor)}, but ${type.field} is too short for that`, first.start);
  }
  const parameters = { runs: runs.map(({ start, stop, tagged }) => ({ start, stop, tagged })), width, item, values };
  return { file: 0, offset: first.start, stored: 'typed', typed: parameters };
}

/** Bytes that one value of a typed field becomes: of the types below a byte it holds a byte of several elements. */
function itemBytes(dtype: DType): number {
  return isPacked(dtype) ? 1 : dtypeInfo(dtype).bits / 8;
}
