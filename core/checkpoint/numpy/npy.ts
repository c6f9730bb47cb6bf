import { CheckpointFormatError, UnsupportedDTypeError } from '../../errors.ts';
import type { ByteStream, StoredDense } from '../../ndarray/array-file.ts';
import { bytesFor, type DType } from '../../ndarray/dtype.ts';
import { elementCount, formatShape } from '../../ndarray/shape.ts';
import type { FileSink } from '../replace-file.ts';
import { evenStream, mapStream } from '../streams.ts';
import { describeDType } from './descr.ts';
import { MAX_NPY_PREAMBLE, type NpyHeader, npyHeader, npyPreamble, parseNpyHeader } from './npy-header.ts';
import type { NpyType } from './npy-type.ts';

/** Something that lies in a file, whole or compressed, and can be read from its beginning any number of times. */
export interface PieceSource {
  /** For messages. */
  readonly name: string;
  readonly nbytes: number;
  pieces(): AsyncIterable<Uint8Array>;
}

/** Reads the header of an array now and its values when they are asked for. */
export async function readNpy(source: PieceSource): Promise<StoredDense> {
  const header = await readHeader(source);
  const type = numbersOf(header, source.name);
  const { shape, fortranOrder } = header;
  const values = swapped(npyValues(source, header, type.dtype), type.swap);
  const transposed = fortranOrder && shape.filter((size) => size !== 1).length > 1;
  const array = { stype: 'default', dtype: type.dtype, shape, values } as const;
  return transposed ? { ...array, order: 'F' } : array;
}

type NumberType = Extract<NpyType, { kind: 'number' }>;

/** @throws UnsupportedDTypeError, CheckpointFormatError for elements that are no numbers. */
function numbersOf({ type, descr }: NpyHeader, file: string): NumberType {
  switch (type.kind) {
    case 'number':
      return type;
    case 'other':
      throw new UnsupportedDTypeError(`${file} holds elements of NumPy dtype '${descr}', which are no numbers.`, {
        file,
        dtype: String(descr),
      });
    case 'record':
      throw new CheckpointFormatError(
        `${file}: its elements are records, which are no tensor (byte 10 of it). Open it as a checkpoint: its fields are columns there.`,
        { file, offset: 10 },
      );
  }
}

/** @throws CheckpointFormatError, UnsafeCheckpointError */
export async function readHeader(source: PieceSource): Promise<NpyHeader> {
  return parseNpyHeader(await preamble(source), source.name);
}

/** What follows a header that is not looked at: MXNet's own for texts is malformed. */
export async function readNpyText(source: PieceSource): Promise<string> {
  const bytes = await preamble(source);
  const start = 10 + (bytes.length >= 10 ? bytes.readUInt16LE(8) : 0);
  return bytes.toString('latin1', start).replaceAll('\0', '').trim();
}

/** What precedes the values, and perhaps more. */
async function preamble(source: PieceSource): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  for await (const piece of source.pieces()) {
    bytes = Buffer.concat([bytes, piece]);
    if (bytes.length >= 12 && bytes.length >= Math.min(npyPreamble(bytes, source.name), source.nbytes)) break;
  }
  return bytes.subarray(0, MAX_NPY_PREAMBLE);
}

function npyValues(source: PieceSource, { shape, end }: NpyHeader, dtype: DType): ByteStream {
  const nbytes = bytesFor(dtype, elementCount(shape));
  const present = source.nbytes - end;
  if (nbytes > present) {
    throw new CheckpointFormatError(
      `${source.name}: ${formatShape(shape)} of ${dtype} takes ${nbytes} bytes, but only ${present} follow the header.`,
      { file: source.name, offset: end },
    );
  }
  return evenStream(nbytes, end, () => source.pieces());
}

function swapped(values: ByteStream, size: number): ByteStream {
  if (size === 1) return values;
  return mapStream(values, 1, (chunk) => {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (size === 2) return bytes.swap16();
    return size === 4 ? bytes.swap32() : bytes.swap64();
  });
}

/** The header of a dense array; its bytes and those of the values make the file. */
export function npyHeaderOf({ dtype, shape }: Pick<StoredDense, 'dtype' | 'shape'>, name: string): Buffer {
  return npyHeader(describeDType(dtype, name), shape);
}

export async function writeNpy(sink: FileSink, array: StoredDense, name: string): Promise<void> {
  await sink.write(npyHeaderOf(array, name));
  await sink.pipe(array.values);
}
