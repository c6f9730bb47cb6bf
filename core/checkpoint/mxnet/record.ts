import { bytesFor, type DType, dtypeInfo } from '../../ndarray/dtype.ts';
import { elementCount, formatShape } from '../../ndarray/shape.ts';
import type { FileCursor } from './file-cursor.ts';
import { readNarrowShape, readShape } from './shape-field.ts';
import { readSparseFields, type SparseFields, type StoredSparse, sparsePlaces } from './sparse-record.ts';
import { dtypeOfFlag } from './type-flags.ts';

/** First words of records; any other one is the number of dimensions of a V0 record. */
export const MAGIC = { V1: 0xf993fac8, V2: 0xf993fac9, V3: 0xf993faca } as const;

export const STORAGE_TYPE = { default: 0, row_sparse: 1, csr: 2 } as const;

/** More than the longest header can have: magic, storage type, two shapes, context, type, two index arrays. */
export const MAX_RECORD_HEADER = 1024;

export type RecordVersion = 'V0' | 'V1' | 'V2' | 'V3';

/** One array of a list file, with the places of its parts. */
export interface ArrayRecord {
  readonly version: RecordVersion;
  /** Bytes of the file, `[start, end)`. */
  readonly start: number;
  readonly end: number;
  /** Null for "no array", which old versions wrote for arrays without a shape: nothing else follows. */
  readonly array: RecordedArray | null;
}

export interface RecordedArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Where the 4 bytes of the type flag lie. */
  readonly flagOffset: number;
  /** Where the values begin, and the bytes that are stored of them. */
  readonly offset: number;
  readonly storedBytes: number;
  readonly sparse: StoredSparse | null;
}

/** Reads one record from the cursor's position on, where `MAX_RECORD_HEADER` bytes are at hand; its values are passed over. */
export function readRecord(cursor: FileCursor): ArrayRecord {
  const start = cursor.position;
  const word = cursor.u32("an array's first word");
  const version = versionOf(word);
  const stype = version === 'V2' || version === 'V3' ? readStorageType(cursor) : 'default';
  const storageShape = stype === 'default' ? null : readShape(cursor, 'the shape of the stored values');
  const shape = version === 'V0' ? readNarrowShape(cursor, word, start) : readShape(cursor, 'the shape');
  if (isNone(shape, version)) return { version, start, end: cursor.position, array: null };
  const negative = shape.find((size) => size < 0);
  if (negative !== undefined) cursor.fail(`the shape holds ${negative}, which is negative`, start);
  readContext(cursor);
  const flagOffset = cursor.position;
  const dtype = readDType(cursor);
  const fields = storageShape && stype !== 'default' ? readSparseFields(cursor, { stype, storageShape, shape }) : null;
  const place = { version, start, flagOffset, dtype, shape };
  return placeValues(cursor, place, fields);
}

type Place = Pick<ArrayRecord, 'version' | 'start'> & Pick<RecordedArray, 'flagOffset' | 'dtype' | 'shape'>;

function placeValues(cursor: FileCursor, place: Place, fields: SparseFields | null): ArrayRecord {
  const { version, start, flagOffset, dtype, shape } = place;
  checkSize(cursor, shape, dtype);
  const offset = cursor.position;
  const storedBytes = bytesFor(dtype, elementCount(fields?.storageShape ?? shape));
  cursor.skip(
    storedBytes,
    () => `the values of a ${dtype} array of shape ${formatShape(fields?.storageShape ?? shape)}`,
  );
  const sparse = fields && sparsePlaces(cursor, fields);
  return {
    version,
    start,
    end: cursor.position,
    array: { dtype, shape, flagOffset, offset, storedBytes, sparse },
  };
}

function versionOf(word: number): RecordVersion {
  switch (word) {
    case MAGIC.V1:
      return 'V1';
    case MAGIC.V2:
      return 'V2';
    case MAGIC.V3:
      return 'V3';
    default:
      return 'V0';
  }
}

function readStorageType(cursor: FileCursor): 'default' | 'row_sparse' | 'csr' {
  const offset = cursor.position;
  const code = cursor.i32('a storage type');
  switch (code) {
    case STORAGE_TYPE.default:
      return 'default';
    case STORAGE_TYPE.row_sparse:
      return 'row_sparse';
    case STORAGE_TYPE.csr:
      return 'csr';
    default:
      return cursor.fail(`storage type ${code} is unknown: 0 is dense, 1 row_sparse, 2 csr`, offset);
  }
}

/** Under NumPy semantics (V3) a shape of no dimensions is a scalar; before, it meant that there is no array. */
function isNone(shape: readonly number[], version: RecordVersion): boolean {
  if (version === 'V3') return shape.includes(-1);
  return shape.length === 0 || (shape.length === 1 && shape[0] === -1);
}

const DEVICE_TYPES: readonly number[] = [1, 2, 3, 5];

/** Where the array was when it was saved. It is checked, as a sign of damage, and matters no further. */
function readContext(cursor: FileCursor): void {
  const offset = cursor.position;
  const type = cursor.i32('a device type');
  cursor.i32('a device id');
  if (!DEVICE_TYPES.includes(type)) {
    cursor.fail(`device type ${type} is unknown: 1 is cpu, 2 gpu, 3 cpu_pinned, 5 cpu_shared`, offset);
  }
}

function readDType(cursor: FileCursor): DType {
  const offset = cursor.position;
  const flag = cursor.i32('a type flag');
  return dtypeOfFlag(flag) ?? cursor.fail(`type flag ${flag} is unknown: 0 to 12 are`, offset);
}

/** The dense form must be countable, though a sparse array's may exceed the file. */
function checkSize(cursor: FileCursor, shape: readonly number[], dtype: DType): void {
  const nbytes = elementCount(shape) * (dtypeInfo(dtype).bits / 8);
  if (!Number.isSafeInteger(nbytes)) cursor.fail(`an array of shape ${formatShape(shape)} cannot be real`);
}
