import { basename, extname } from 'node:path';
import { CheckpointFormatError, InvalidArgumentError, InvalidStateError } from '../errors.ts';
import type { DType } from './dtype.ts';
import type { Shape } from './shape.ts';

/** Bytes that are read once, from first to last. Memory stays bounded however many there are. */
export interface ByteStream {
  readonly nbytes: number;
  /** Pieces of at most 8 MiB; all but the last are multiples of 16 bytes, so that no element is cut. */
  chunks(): AsyncIterable<Uint8Array>;
}

interface ArrayBase {
  readonly dtype: DType;
  /** Of the dense form. */
  readonly shape: Shape;
}

/** Little-endian storage bytes of all elements. */
export interface StoredDense extends ArrayBase {
  readonly stype: 'default';
  /** `F` where the first index varies fastest, as in some `.npy` files; absent for C order, which is all that is written. */
  readonly order?: 'F';
  readonly values: ByteStream;
}

/** Some rows of an array, all others being zero. */
export interface StoredRowSparse extends ArrayBase {
  readonly stype: 'row_sparse';
  /** How many rows are stored. */
  readonly rows: number;
  /** int64, ascending, unique: which rows they are. */
  readonly indices: ByteStream;
  /** Shape `(rows, shape[1:])`. */
  readonly values: ByteStream;
}

/** Compressed sparse rows of a matrix. */
export interface StoredCSR extends ArrayBase {
  readonly stype: 'csr';
  /** How many elements are stored. */
  readonly nnz: number;
  /** int64, `shape[0] + 1` of them: where each row begins among the stored elements. */
  readonly indptr: ByteStream;
  /** int64, `nnz` of them, ascending within a row: the column of each stored element. */
  readonly indices: ByteStream;
  readonly values: ByteStream;
}

/** An array as plain data on its way to or from a file: it belongs to no device. */
export type StoredArray = StoredDense | StoredRowSparse | StoredCSR;

/** What a file of arrays holds: a list, or arrays by name (`names` is parallel to `arrays`). */
export interface ArrayList {
  readonly names: readonly string[] | null;
  readonly arrays: readonly StoredArray[];
}

/** A kind of file that holds arrays. */
export interface ArrayFileFormat {
  /** For messages: "MXNet parameter files". */
  readonly label: string;
  /** Endings of file names with the dot, in lower case. They decide what is written. */
  readonly extensions: readonly string[];
  /** Whether the file at `path` is of this format, by its content. */
  recognizes(path: string): Promise<boolean>;
  /** The streams of the result read the file as it is when they are asked for their chunks. */
  read(path: string): Promise<ArrayList>;
  /** Replaces the file at `path` at once or leaves it as it was. */
  write(path: string, list: ArrayList): Promise<void>;
}

const formats: ArrayFileFormat[] = [];

/** Makes a format known to `readArrayFile` and `writeArrayFile`; a later one wins over an earlier one. */
export function registerArrayFileFormat(format: ArrayFileFormat): void {
  formats.unshift(format);
}

/**
 * Writes arrays in the format that the ending of `path` names.
 *
 * @throws InvalidArgumentError for an unknown ending, names that repeat, and what the format cannot hold.
 * @throws UnsupportedDTypeError for a dtype that the format lacks.
 */
export async function writeArrayFile(path: string, list: ArrayList): Promise<void> {
  const ending = extname(path).toLowerCase();
  const format = registered().find(({ extensions }) => extensions.includes(ending));
  if (!format) {
    throw new InvalidArgumentError(
      `Arrays cannot be written to ${basename(path)}: its name must end in ${knownEndings()}.`,
    );
  }
  checkNames(list);
  await format.write(path, list);
}

/**
 * The arrays of a file, whose content decides which format it is.
 *
 * @throws FileAccessError where there is no readable file.
 * @throws CheckpointFormatError where it is of no known format or breaks the rules of its format.
 */
export async function readArrayFile(path: string): Promise<ArrayList> {
  for (const format of registered()) if (await format.recognizes(path)) return await format.read(path);
  const labels = formats.map(({ label }) => label).join(', ');
  throw new CheckpointFormatError(`${basename(path)} is no file of arrays that can be read: ${labels}.`);
}

/** A stream of bytes that are in memory. */
export function streamOf(bytes: Uint8Array): ByteStream {
  return {
    nbytes: bytes.length,
    async *chunks() {
      for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
        yield bytes.subarray(start, start + CHUNK_BYTES);
      }
    },
  };
}

/** The most that a piece of a `ByteStream` holds. */
export const CHUNK_BYTES = 8 * 1024 * 1024;

function registered(): readonly ArrayFileFormat[] {
  if (formats.length > 0) return formats;
  throw new InvalidStateError(
    'No file formats are loaded: import parascope/core, or core/checkpoint/array-files.ts within it.',
  );
}

function checkNames({ names, arrays }: ArrayList): void {
  if (names === null) return;
  if (names.length !== arrays.length) {
    throw new InvalidArgumentError(`${arrays.length} arrays were given ${names.length} names.`);
  }
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new InvalidArgumentError(`Two arrays would be called ${JSON.stringify(name)}.`);
    seen.add(name);
  }
}

function knownEndings(): string {
  return formats.flatMap(({ extensions }) => extensions).join(', ');
}
