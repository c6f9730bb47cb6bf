import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createDeflateRaw } from 'node:zlib';
import { stampOf } from '../../checkpoint/byte-source.ts';
import { bytesFor, groupElements } from '../../ndarray/dtype.ts';
import { type LazyTensor, resultDType } from '../../ndarray/lazy-tensor.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { OriginalFile } from './content.ts';
import type { Preparation } from './format-writer.ts';

/** Elements that are evaluated at once, in bytes. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** A deflate stream in a file of its own. */
export interface Deflated {
  readonly file: OriginalFile;
  readonly crc32: number;
  readonly nbytes: number;
  readonly compressed: number;
}

/** Compresses `head` and the elements of `tensor` behind it, piece by piece, into a scratch file. */
export async function deflateElements(head: Uint8Array, tensor: LazyTensor, work: Preparation): Promise<Deflated> {
  const path = await work.scratch();
  let checksum = 0;
  let nbytes = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of piecesOf(head, tensor, work)) {
      checksum = crc32(piece, checksum);
      nbytes += piece.length;
      yield piece;
    }
  };
  await pipeline(Readable.from(counted()), createDeflateRaw(), createWriteStream(path), { signal: work.signal });
  const stamp = await stampOf(path);
  return { file: { path, stamp }, crc32: checksum, nbytes, compressed: stamp.size };
}

async function* piecesOf(
  head: Uint8Array,
  tensor: LazyTensor,
  { engine, signal }: Preparation,
): AsyncGenerator<Uint8Array> {
  yield head;
  const dtype = resultDType(tensor);
  const group = groupElements(dtype);
  const step = Math.max(1, Math.floor(PIECE_BYTES / bytesFor(dtype, group))) * group;
  const count = elementCount(tensor.shape);
  for (let start = 0; start < count; start += step) {
    yield await engine.read(tensor, start, Math.min(step, count - start), { signal, priority: 'background' });
  }
}
