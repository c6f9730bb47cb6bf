import { CheckpointFormatError } from '../../errors.ts';
import type { Shape } from '../../ndarray/shape.ts';

export const NPY_MAGIC = Buffer.from('\x93NUMPY', 'latin1');

/** Magic, version and the shorter form of the length. */
const PREFIX = 10;
const ALIGNMENT = 64;

/** NumPy itself reads 10,000 characters; only structured types, which are refused anyway, need as many. */
const MAX_HEADER = 64 * 1024;

/** A header and all that precedes it. */
export const MAX_NPY_PREAMBLE = PREFIX + 2 + MAX_HEADER;

export interface NpyHeader {
  /** NumPy's type string, such as `<f4`. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the values begin. */
  readonly end: number;
}

/**
 * Parses what precedes the values of a `.npy` file, versions 1 to 3
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). The dict is matched, never
 * evaluated.
 *
 * @throws CheckpointFormatError
 */
export function parseNpyHeader(bytes: Buffer, file: string): NpyHeader {
  const { text, end } = headerText(bytes, file);
  const fields = new Map<string, string>();
  const pattern = /\s*(?:'(\w+)'|"(\w+)")\s*:\s*('[^']*'|"[^"]*"|\([\d\s,L]*\)|True|False|\[)\s*(?:,|(?=\}))/y;
  let at = text.indexOf('{') + 1;
  for (pattern.lastIndex = at; ; at = pattern.lastIndex) {
    const match = pattern.exec(text);
    if (!match) break;
    fields.set(match[1] ?? match[2] ?? '', match[3] ?? '');
  }
  const descr = fields.get('descr');
  const order = fields.get('fortran_order');
  const shape = fields.get('shape');
  if (!descr || !order || !shape || !/^\s*\}\s*$/.test(text.slice(at))) {
    const structured = /'descr'\s*:\s*\[/.test(text);
    const problem = structured ? 'its elements are records, which are no tensor' : 'its header cannot be read';
    return fail(file, problem, PREFIX);
  }
  return { descr: descr.slice(1, -1), fortranOrder: order === 'True', shape: parseShape(shape, file), end };
}

function headerText(bytes: Buffer, file: string): { text: string; end: number } {
  if (bytes.length < PREFIX || !bytes.subarray(0, NPY_MAGIC.length).equals(NPY_MAGIC)) {
    return fail(file, 'a NumPy array begins with \\x93NUMPY and a version', 0);
  }
  const major = bytes[6] ?? 0;
  if (major < 1 || major > 3) return fail(file, `version ${major} of the NumPy format is unknown`, 6);
  if (bytes.length < PREFIX + 2) return fail(file, 'the file is cut short in its header', bytes.length);
  const start = major === 1 ? PREFIX : PREFIX + 2;
  const length = major === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  if (length > MAX_HEADER) return fail(file, `a header of ${length} bytes is announced; ${MAX_HEADER} are read`, 8);
  if (start + length > bytes.length) return fail(file, 'the file is cut short in its header', bytes.length);
  return { text: bytes.toString(major === 3 ? 'utf8' : 'latin1', start, start + length), end: start + length };
}

function parseShape(text: string, file: string): number[] {
  const sizes = text
    .slice(1, -1)
    .split(',')
    .map((size) => size.trim().replace(/L$/, ''))
    .filter((size) => size !== '')
    .map(Number);
  if (!sizes.every(Number.isSafeInteger)) return fail(file, `its shape ${text} cannot be real`, PREFIX);
  return sizes;
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
