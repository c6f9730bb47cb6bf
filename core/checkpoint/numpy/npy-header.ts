import { CheckpointFormatError } from '../../errors.ts';
import type { Shape } from '../../ndarray/shape.ts';
import { NPY_MAGIC } from './magic.ts';
import { type NpyType, npyShape, npyType } from './npy-type.ts';
import { type PythonLiteral, parsePythonLiteral } from './python-literal.ts';

/** Magic, version and the shorter form of the length. */
const PREFIX = 10;
const ALIGNMENT = 64;

/** NumPy itself reads 10,000 characters; only records of very many fields need as many. */
const MAX_HEADER = 1024 * 1024;

/** A header and all that precedes it. */
export const MAX_NPY_PREAMBLE = PREFIX + 2 + MAX_HEADER;

export interface NpyHeader {
  readonly type: NpyType;
  /** NumPy's own type string, such as `<f4`; of records their fields. */
  readonly descr: PythonLiteral;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the values begin. */
  readonly end: number;
}

/**
 * Parses what precedes the values of a `.npy` file, versions 1 to 3
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). The dict is parsed, never
 * evaluated.
 *
 * @throws CheckpointFormatError
 * @throws UnsafeCheckpointError for arrays of Python objects
 */
export function parseNpyHeader(bytes: Buffer, file: string): NpyHeader {
  const { text, end } = headerText(bytes, file);
  const dict = parsePythonLiteral(text.trim());
  const fields = typeof dict === 'object' && dict?.kind === 'dict' ? dict.entries : null;
  const descr = fields?.get('descr');
  const fortranOrder = fields?.get('fortran_order');
  if (descr === undefined || typeof fortranOrder !== 'boolean' || fields?.size !== 3) {
    return fail(file, 'its header cannot be read', PREFIX);
  }
  const shape = npyShape(fields.get('shape'), file);
  return { type: npyType(descr, file), descr, fortranOrder, shape, end };
}

/** How many bytes precede the values, by the first twelve. @throws CheckpointFormatError */
export function npyPreamble(bytes: Buffer, file: string): number {
  if (bytes.length < PREFIX || !bytes.subarray(0, NPY_MAGIC.length).equals(NPY_MAGIC)) {
    return fail(file, 'a NumPy array begins with \\x93NUMPY and a version', 0);
  }
  const major = bytes[6] ?? 0;
  if (major < 1 || major > 3) return fail(file, `version ${major} of the NumPy format is unknown`, 6);
  if (bytes.length < PREFIX + 2) return fail(file, 'the file is cut short in its header', bytes.length);
  const start = major === 1 ? PREFIX : PREFIX + 2;
  const length = major === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  if (length > MAX_HEADER) return fail(file, `a header of ${length} bytes is announced; ${MAX_HEADER} are read`, 8);
  return start + length;
}

function headerText(bytes: Buffer, file: string): { text: string; end: number } {
  const end = npyPreamble(bytes, file);
  if (end > bytes.length) return fail(file, 'the file is cut short in its header', bytes.length);
  const major = bytes[6] ?? 0;
  const start = major === 1 ? PREFIX : PREFIX + 2;
  return { text: bytes.toString(major === 3 ? 'utf8' : 'latin1', start, end), end };
}

/** The header that NumPy writes: version 1.0, C order, padded so that the values are aligned to 64 bytes. */
export function npyHeader(descr: string, shape: Shape): Buffer {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((PREFIX + dict.length + 1) / ALIGNMENT) * ALIGNMENT - PREFIX;
  const header = Buffer.alloc(PREFIX + length, ' ');
  NPY_MAGIC.copy(header);
  header.writeUInt16LE(1, 6);
  header.writeUInt16LE(length, 8);
  header.write(dict, PREFIX, 'latin1');
  header.write('\n', header.length - 1);
  return header;
}

function fail(file: string, problem: string, offset: number): never {
  throw new CheckpointFormatError(`${file}: ${problem} (byte ${offset} of it).`, { file, offset });
}
