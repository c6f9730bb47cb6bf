import { UnsupportedDTypeError } from '../../errors.ts';
import { bytesFor, type DType } from '../../ndarray/dtype.ts';
import { elementCount } from '../../ndarray/shape.ts';
import { dtypeOfNumpyName } from '../numpy-dtype.ts';
import { CHUNKED_KEY } from './chunked.ts';
import { arrayHead, bytesHead, extensionHead, mapHead, packSize, packString, packTrue } from './pack.ts';

/** Larger arrays are cut: flax/serialization.py, `MAX_CHUNK_SIZE`. */
const MAX_CHUNK = 2 ** 30;

const NDARRAY = 1;

export interface NewArray {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** What a stored array consists of: bytes, and runs of its elements. */
export type ArrayPiece = { readonly bytes: Buffer } | { readonly start: number; readonly count: number };

/** Whether arrays of `dtype` have a name that flax knows. */
export function isFlaxDType(dtype: DType): boolean {
  return dtypeOfNumpyName(dtype)?.dtype === dtype;
}

/**
 * An array as `flax.serialization.msgpack_serialize` writes it: an extension with shape, name of the dtype
 * and bytes; above 1 GiB a map of such extensions. `type` is 3 for a NumPy scalar.
 *
 * @throws UnsupportedDTypeError for a dtype that NumPy and ml_dtypes lack
 */
export function arrayPieces(array: NewArray, type: number = NDARRAY): ArrayPiece[] {
  const { name, dtype, shape } = array;
  if (!isFlaxDType(dtype)) {
    throw new UnsupportedDTypeError(`Flax checkpoints cannot hold ${dtype}, the dtype of '${name}'. Cast it first.`, {
      name,
    });
  }
  const count = elementCount(shape);
  if (bytesFor(dtype, count) <= MAX_CHUNK) return extensionPieces(array, { type, shape, start: 0, count });
  return chunkedPieces(array, count);
}

interface Part {
  readonly type: number;
  readonly shape: readonly number[];
  readonly start: number;
  readonly count: number;
}

function extensionPieces({ dtype }: NewArray, { type, shape, start, count }: Part): ArrayPiece[] {
  const nbytes = bytesFor(dtype, count);
  const head = Buffer.concat([
    arrayHead(3),
    arrayHead(shape.length),
    ...shape.map(packSize),
    packString(dtype),
    bytesHead(nbytes),
  ]);
  return [{ bytes: Buffer.concat([extensionHead(head.length + nbytes, type), head]) }, { start, count }];
}

function chunkedPieces(array: NewArray, count: number): ArrayPiece[] {
  const { dtype, shape } = array;
  const length = Math.floor(MAX_CHUNK / bytesFor(dtype, 1));
  const chunks = Math.ceil(count / length);
  const sizes = shape.flatMap((size, axis) => [packString(String(axis)), packSize(size)]);
  const pieces: ArrayPiece[] = [
    {
      bytes: Buffer.concat([
        mapHead(3),
        packString(CHUNKED_KEY),
        packTrue(),
        packString('shape'),
        mapHead(shape.length),
        ...sizes,
        packString('chunks'),
        mapHead(chunks),
      ]),
    },
  ];
  for (let i = 0; i < chunks; i++) {
    const start = i * length;
    const part = Math.min(length, count - start);
    pieces.push({ bytes: packString(String(i)) });
    pieces.push(...extensionPieces(array, { type: NDARRAY, shape: [part], start, count: part }));
  }
  return pieces;
}
