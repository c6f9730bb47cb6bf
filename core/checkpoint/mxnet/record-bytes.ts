import { InvalidArgumentError } from '../../errors.ts';
import type { DType } from '../../ndarray/dtype.ts';
import { formatShape, type Shape } from '../../ndarray/shape.ts';
import { LIST_HEADER_BYTES } from './list-file.ts';
import { LIST_MAGIC } from './magic.ts';
import { MAGIC, STORAGE_TYPE } from './record.ts';
import { requireFlag } from './type-flags.ts';

const INT64 = 6;
const CPU = 1;

/** What the header of a record says. */
export interface RecordHeader {
  readonly name: string;
  readonly dtype: DType;
  /** Of the dense form. */
  readonly shape: Shape;
  readonly stype: 'default' | 'row_sparse' | 'csr';
  /** Of a sparse array: its stored rows (row_sparse) or elements (csr). */
  readonly stored: number;
}

/**
 * The version that MXNet can read a file of these arrays in: V2, or V3 (NumPy semantics) where one of
 * them is a scalar, which V2 has no way to say. All records of a file must be of one of the two.
 *
 * @throws InvalidArgumentError for a scalar beside a sparse array, which no version holds together.
 */
export function versionFor(arrays: readonly Pick<RecordHeader, 'name' | 'shape' | 'stype'>[]): 'V2' | 'V3' {
  const scalar = arrays.find(({ shape }) => shape.length === 0);
  if (!scalar) return 'V2';
  const sparse = arrays.find(({ stype }) => stype !== 'default');
  if (!sparse) return 'V3';
  throw new InvalidArgumentError(
    `MXNet cannot read a file with both a scalar (${JSON.stringify(scalar.name)}) and a ${sparse.stype} array ` +
      `(${JSON.stringify(sparse.name)}): make the one dense, or give the other the shape (1,).`,
  );
}

/** Everything of a record that precedes its values (ndarray.cc, `NDArray::Save`); the context is cpu(0). */
export function recordHeader(header: RecordHeader, version: 'V2' | 'V3'): Buffer {
  const { name, dtype, shape, stype } = header;
  const flag = requireFlag(dtype, name);
  const storage = stype === 'default' ? [] : [shapeField(storageShape(header))];
  const auxiliary = auxiliaryCounts(header).map((count) => Buffer.concat([int32(INT64), shapeField([count])]));
  return Buffer.concat([
    uint32(MAGIC[version]),
    int32(STORAGE_TYPE[stype]),
    ...storage,
    shapeField(shape),
    int32(CPU),
    int32(0),
    int32(flag),
    ...auxiliary,
  ]);
}

function storageShape({ stype, stored, shape, name }: RecordHeader): number[] {
  if (stype === 'row_sparse' && shape.length > 0) return [stored, ...shape.slice(1)];
  if (stype === 'csr' && shape.length === 2) return [stored];
  throw new InvalidArgumentError(`${JSON.stringify(name)}, ${formatShape(shape)}, cannot be ${stype}.`);
}

function auxiliaryCounts({ stype, stored, shape }: RecordHeader): number[] {
  switch (stype) {
    case 'default':
      return [];
    case 'row_sparse':
      return [stored];
    case 'csr':
      return [(shape[0] ?? 0) + 1, stored];
  }
}

/** The first bytes of a file of `count` arrays. */
export function listHeader(count: number): Buffer {
  const header = Buffer.alloc(LIST_HEADER_BYTES);
  header.writeBigUInt64LE(BigInt(LIST_MAGIC), 0);
  header.writeBigUInt64LE(BigInt(count), 16);
  return header;
}

/** The last bytes of a file; null for a list without names. */
export function namesBlock(names: readonly string[] | null): Buffer {
  const parts = [uint64((names ?? []).length)];
  for (const name of names ?? []) {
    const bytes = Buffer.from(name);
    parts.push(uint64(bytes.length), bytes);
  }
  return Buffer.concat(parts);
}

/** The 4 bytes of a type flag. */
export function flagBytes(dtype: DType, name: string): Buffer {
  return int32(requireFlag(dtype, name));
}

function shapeField(shape: Shape): Buffer {
  const field = Buffer.alloc(4 + 8 * shape.length);
  field.writeInt32LE(shape.length);
  shape.forEach((size, axis) => {
    field.writeBigInt64LE(BigInt(size), 4 + 8 * axis);
  });
  return field;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
