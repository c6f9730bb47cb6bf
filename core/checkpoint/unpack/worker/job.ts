import { basename } from 'node:path';
import { CancelledError, CheckpointFormatError } from '../../../errors.ts';
import type { DType } from '../../../ndarray/dtype.ts';
import type { PackedStorage } from '../../../ndarray/packed-storage.ts';
import type { Shape } from '../../../ndarray/shape.ts';
import { inflatedPieces } from '../../inflate.ts';
import { evenStream } from '../../streams.ts';
import type { JobFile, RandomBytes, UnpackJob } from '../decoder.ts';
import type { UnpackTask } from '../messages.ts';
import type { StoredBytes } from '../stored-bytes.ts';
import { OpenedFile } from './opened-file.ts';
import { RunBytes } from './run-bytes.ts';
import { ScratchFile } from './scratch-file.ts';

/** What is read of a file before the decoder gets it. */
const PIECE_BYTES = 1024 * 1024;

/** What one value needs while it is unpacked; `close` lets go of it. */
export class WorkerJob implements UnpackJob {
  readonly parameters: PackedStorage['parameters'];
  readonly dtype: DType;
  readonly shape: Shape;
  readonly nbytes: number;
  readonly #task: UnpackTask;
  readonly #onProgress: (done: number) => void;
  readonly #files = new Map<number, OpenedFile>();
  readonly #inflated: ScratchFile[] = [];
  readonly #target: ScratchFile;
  #done = 0;

  constructor(task: UnpackTask, onProgress: (done: number) => void) {
    this.parameters = task.packed.parameters;
    this.dtype = task.dtype;
    this.shape = task.shape;
    this.nbytes = task.nbytes;
    this.#task = task;
    this.#onProgress = onProgress;
    this.#target = new ScratchFile(task.target, task.nbytes);
  }

  file(index: number): JobFile {
    return this.#open(index);
  }

  async bytes(stored: StoredBytes): Promise<RandomBytes> {
    this.#check(stored);
    if (stored.compression === 'none') return this.#runs(stored);
    const path = `${this.#task.target}.${this.#inflated.length}`;
    const scratch = new ScratchFile(path, stored.nbytes);
    scratch.unlink();
    this.#inflated.push(scratch);
    let position = 0;
    for await (const piece of this.pieces(stored)) {
      scratch.write(piece, position);
      position += piece.length;
    }
    return scratch;
  }

  pieces(stored: StoredBytes): AsyncIterable<Uint8Array> {
    this.#check(stored);
    if (stored.compression === 'none') return this.#plainPieces(this.#runs(stored));
    const whole = { ...stored, start: 0, nbytes: stored.runs.reduce((sum, run) => sum + run.nbytes, 0) };
    const packed = (): AsyncIterable<Uint8Array> => this.#plainPieces(this.#runs(whole));
    const [first] = stored.runs;
    const file = basename(this.#task.packed.files[first?.file ?? 0]?.path ?? '');
    const spec = { ...stored, name: `${file}: a compressed tensor`, file, offset: first?.offset ?? 0 };
    return evenStream(stored.nbytes, stored.start, () => inflatedPieces(packed(), spec)).chunks();
  }

  write(bytes: Uint8Array, position: number): void {
    this.#target.write(bytes, position);
  }

  advance(nbytes: number): void {
    this.#checkCancelled();
    this.#done += nbytes;
    this.#onProgress(this.#done);
  }

  /** @throws FileChangedError where a file that was read is no longer the same. */
  verify(): void {
    for (const file of this.#files.values()) file.verify();
  }

  close(): void {
    this.#target.close();
    for (const scratch of this.#inflated) scratch.close();
    for (const file of this.#files.values()) file.close();
  }

  #checkCancelled(): void {
    if (Atomics.load(this.#task.cancel, 0) !== 0) throw new CancelledError();
  }

  #open(index: number): OpenedFile {
    const known = this.#files.get(index);
    if (known) return known;
    const file = this.#task.packed.files[index];
    if (!file) throw new CheckpointFormatError(`A tensor is said to lie in file ${index} of its checkpoint.`);
    const opened = new OpenedFile(file);
    this.#files.set(index, opened);
    return opened;
  }

  #runs({ runs, start, nbytes }: StoredBytes): RunBytes {
    return new RunBytes(
      runs.map(({ file, offset, nbytes: length }) => ({ file: this.#open(file), offset, nbytes: length })),
      { start, nbytes },
    );
  }

  /** Memory and disk are asked for only after this. */
  #check({ runs, compression, length, start, nbytes }: StoredBytes): void {
    const stored = runs.reduce((sum, run) => sum + run.nbytes, 0);
    if (start + nbytes <= length && (compression !== 'none' || stored === length)) return;
    const offset = runs[0]?.offset ?? 0;
    throw new CheckpointFormatError(
      `The bytes ${start} to ${start + nbytes} of ${compression === 'none' ? stored : length} stored ones were asked for (byte ${offset} of the file).`,
      { offset },
    );
  }

  async *#plainPieces(bytes: RunBytes): AsyncGenerator<Uint8Array> {
    for (let done = 0; done < bytes.nbytes; done += PIECE_BYTES) {
      this.#checkCancelled();
      const piece = new Uint8Array(Math.min(PIECE_BYTES, bytes.nbytes - done));
      bytes.read(done, piece);
      yield piece;
    }
  }
}
