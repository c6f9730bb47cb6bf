import type { FileHandle } from 'node:fs/promises';
import { bytesFor, type DType, groupElements } from '../../ndarray/dtype.ts';
import type { FileStamp, LazyTensor } from '../../ndarray/lazy-tensor.ts';
import { resultDType } from '../../ndarray/lazy-tensor.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { TensorEngine } from '../../stats/engine.ts';
import type { SourceFile } from './source-file.ts';

/** A run of the new file. Runs never overlap and may be written in any order. */
export type Segment =
  | { readonly kind: 'bytes'; readonly to: number; readonly bytes: Uint8Array }
  | {
      readonly kind: 'copy';
      readonly to: number;
      readonly file: OriginalFile;
      readonly from: number;
      readonly nbytes: number;
    }
  /** The elements `[start, start + count)` of an edited tensor. */
  | {
      readonly kind: 'elements';
      readonly to: number;
      readonly tensor: LazyTensor;
      readonly start: number;
      readonly count: number;
    };

/** A file as it was when the document was opened. */
export interface OriginalFile {
  readonly path: string;
  readonly stamp: FileStamp;
}

/** Pieces of edited tensors. Memory for a save is a few times this, whatever the size of the file. */
const PIECE_BYTES = 8 * 1024 * 1024;
/** A batch of small tensors stays below this. */
const BATCH_BYTES = 1024 * 1024;
const BATCH_TENSORS = 256;
/** Copies go in smaller pieces, which stay in the processor's cache between reading and writing. */
const COPY_BYTES = 2 * 1024 * 1024;

export function segmentBytes(segment: Segment): number {
  switch (segment.kind) {
    case 'bytes':
      return segment.bytes.length;
    case 'copy':
      return segment.nbytes;
    case 'elements':
      return bytesFor(resultDType(segment.tensor), segment.count);
  }
}

export interface Writing {
  readonly target: FileHandle;
  readonly engine: TensorEngine;
  readonly signal: AbortSignal;
  readonly source: (file: OriginalFile) => SourceFile;
  readonly onBytes: (count: number) => void;
  /** Whether nothing stands yet where is written: zeros that are copied are then left out, and sparse files stay sparse. */
  readonly overHole: boolean;
  /** Free buffers of copies: fresh ones would cost more than the copying. */
  readonly buffers: Buffer[];
}

type Job = () => Promise<void>;
type Elements = Segment & { kind: 'elements' };

/** The work of writing `segments`, in pieces of bounded size that may run side by side. */
export function* writeJobs(segments: Iterable<Segment>, writing: Writing): Generator<Job> {
  let batch = new Batch();
  for (const segment of segments) {
    if (segment.kind === 'elements' && batch.takes(segment)) {
      batch.add(segment);
      continue;
    }
    if (!batch.isEmpty) yield batch.job(writing);
    batch = new Batch();
    switch (segment.kind) {
      case 'bytes':
        yield () => put(writing, segment.bytes, segment.to);
        break;
      case 'copy':
        yield* copyJobs(segment, writing);
        break;
      case 'elements':
        if (batch.takes(segment)) batch.add(segment);
        else yield* elementJobs(segment, writing);
        break;
    }
  }
  if (!batch.isEmpty) yield batch.job(writing);
}

/** Small edited tensors that follow each other: read side by side, written as one. */
class Batch {
  readonly #segments: Elements[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  takes(segment: Elements): boolean {
    const [first] = this.#segments;
    const follows = first === undefined || first.to + this.#bytes === segment.to;
    return follows && this.#bytes + segmentBytes(segment) <= BATCH_BYTES && this.#segments.length < BATCH_TENSORS;
  }

  add(segment: Elements): void {
    this.#segments.push(segment);
    this.#bytes += segmentBytes(segment);
  }

  job(writing: Writing): Job {
    const [first] = this.#segments;
    return async () => {
      const { engine, signal } = writing;
      const reads = this.#segments.map(({ tensor, start, count }) =>
        engine.read(tensor, start, count, { signal, priority: 'background' }),
      );
      await put(writing, Buffer.concat(await allSettledOrThrow(reads)), first?.to ?? 0);
    };
  }
}

/** As `Promise.all`, but nothing is still running when it throws. */
async function allSettledOrThrow<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return await Promise.all(promises);
}

function* copyJobs(segment: Segment & { kind: 'copy' }, writing: Writing): Generator<Job> {
  const source = writing.source(segment.file);
  for (let done = 0; done < segment.nbytes; done += COPY_BYTES) {
    const length = Math.min(COPY_BYTES, segment.nbytes - done);
    yield async () => {
      const buffer = writing.buffers.pop() ?? Buffer.allocUnsafeSlow(COPY_BYTES);
      const piece = buffer.subarray(0, length);
      await source.fill(piece, segment.from + done);
      if (writing.overHole && piece.equals(ZEROS.subarray(0, length))) writing.onBytes(length);
      else await put(writing, piece, segment.to + done);
      writing.buffers.push(buffer);
    };
  }
}

const ZEROS = Buffer.alloc(COPY_BYTES);

function* elementJobs({ tensor, start, count, to }: Elements, writing: Writing): Generator<Job> {
  const dtype = resultDType(tensor);
  const step = pieceElements(dtype);
  for (let done = 0; done < count; done += step) {
    const length = Math.min(step, count - done);
    yield async () => {
      const { engine, signal } = writing;
      const bytes = await engine.read(tensor, start + done, length, { signal, priority: 'background' });
      await put(writing, bytes, to + bytesFor(dtype, done));
    };
  }
}

/** As many elements as a piece has room for, so that each piece begins on a whole byte, or block. */
function pieceElements(dtype: DType): number {
  const group = groupElements(dtype);
  return Math.floor(PIECE_BYTES / bytesFor(dtype, group)) * group;
}

export function wholeTensor(tensor: LazyTensor, to: number): Segment {
  return { kind: 'elements', to, tensor, start: 0, count: elementCount(tensor.shape) };
}

async function put({ target, onBytes }: Writing, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await target.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
  onBytes(bytes.length);
}
