import { availableParallelism } from 'node:os';
import { CancelledError } from '../../errors.ts';
import type { DType } from '../../ndarray/dtype.ts';
import type { FileStamp, LazyTensor } from '../../ndarray/lazy-tensor.ts';
import type { PackedTensor, UnpackedLease, Unpacker, UnpackOptions } from '../../ndarray/packed-storage.ts';
import type { Shape } from '../../ndarray/shape.ts';
import { FileSource } from '../byte-source.ts';
import { keyOf, unpackedSize } from './packed-value.ts';
import { ScratchFolder } from './scratch-folder.ts';
import { ScratchSpace } from './scratch-space.ts';
import { ScratchValue } from './scratch-value.ts';
import { UnpackThreads } from './threads.ts';

const MAX_THREADS = 2;

export interface ScratchUnpackerOptions {
  /** Where the folder for unpacked values is made; by default `PARASCOPE_SCRATCH`, else the user's cache folder. */
  readonly root?: string;
  /** Bytes that unpacked values may take together; by default `PARASCOPE_SCRATCH_LIMIT`, else four fifths of what is free. */
  readonly limit?: number;
  readonly threads?: number;
}

/** A value that is to be had as a run of bytes of a scratch file. */
export interface ScratchSpec {
  /** The same for the same value. */
  readonly key: string;
  readonly nbytes: number;
  /** Makes the file `target`, of `nbytes` bytes. */
  make(target: string, control: ScratchControl): Promise<void>;
}

export interface ScratchControl {
  /** Shared: 1 stops the work. */
  readonly cancel: Int32Array;
  readonly onProgress: (done: number) => void;
}

/** A scratch file for as long as it is held. */
export interface ScratchLease {
  readonly path: string;
  readonly stamp: FileStamp;
  /** True where the file was there already, or on its way. */
  readonly isKnown: boolean;
  release(): void;
}

export interface DecodeWork {
  readonly packed: PackedTensor;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly nbytes: number;
  /** The scratch file to make. */
  readonly target: string;
  readonly first: boolean;
}

/** An unpacker whose scratch space is for other values too: all of them share one limit. */
export interface ScratchStore extends Unpacker {
  /** Waits for a value of a scratch file; callers that want one value at once share the work. @throws as `unpack` */
  hold(spec: ScratchSpec, options?: UnpackOptions): Promise<ScratchLease>;
  /** Runs a decoder on a thread. */
  decode(work: DecodeWork, control: ScratchControl): Promise<void>;
}

class ScratchUnpacker implements ScratchStore {
  readonly #folder: ScratchFolder;
  readonly #space: ScratchSpace;
  readonly #threads: UnpackThreads;
  /** The one used last comes last. */
  readonly #values = new Map<string, ScratchValue>();

  constructor({ root, limit, threads }: ScratchUnpackerOptions) {
    this.#folder = new ScratchFolder(root ?? null);
    this.#space = new ScratchSpace(this.#folder, limit ?? null);
    this.#threads = new UnpackThreads(threads ?? Math.min(MAX_THREADS, availableParallelism()));
  }

  async unpack(tensor: LazyTensor, options: UnpackOptions = {}): Promise<UnpackedLease> {
    const { packed, ...plain } = tensor;
    if (!packed || !needsBytes(tensor)) return { tensor: plain, release: () => {} };
    const nbytes = unpackedSize(tensor);
    const first = options.priority !== 'background';
    const { dtype, shape } = tensor;
    const make = (target: string, control: ScratchControl): Promise<void> =>
      this.decode({ packed, dtype, shape, nbytes, target, first }, control);
    const { path, stamp, isKnown, release } = await this.hold({ key: keyOf(tensor, packed), nbytes, make }, options);
    try {
      // What was unpacked is good for as long as the file is the one that it came from.
      if (isKnown) await FileSource.known(tensor.region).verify();
    } catch (error) {
      release();
      throw error;
    }
    return {
      tensor: { ...plain, region: { path, offset: 0, nbytes: plain.region.nbytes, stamp } },
      release,
    };
  }

  async hold(spec: ScratchSpec, options: UnpackOptions = {}): Promise<ScratchLease> {
    if (options.signal?.aborted) throw new CancelledError();
    const { key } = spec;
    const known = this.#values.get(key);
    const value = known ?? this.#begin(spec, options);
    this.#values.delete(key);
    this.#values.set(key, value);
    const { path, stamp } = await value.hold(options);
    let isHeld = true;
    const release = (): void => {
      if (isHeld) value.release();
      isHeld = false;
    };
    return { path, stamp, isKnown: known !== undefined, release };
  }

  decode(work: DecodeWork, control: ScratchControl): Promise<void> {
    return this.#threads.run({ ...work, ...control });
  }

  async close(): Promise<void> {
    for (const value of this.#values.values()) value.cancel();
    this.#values.clear();
    await this.#threads.close();
    this.#folder.remove();
  }

  #begin({ key, nbytes, make }: ScratchSpec, { wait = true }: UnpackOptions): ScratchValue {
    const value: ScratchValue = new ScratchValue(nbytes, {
      place: (isCancelled) =>
        this.#space.reserve(nbytes, {
          others: () => [...this.#values.values()].filter((other) => other !== value),
          isCancelled,
          wait,
        }),
      unpack: make,
      gone: () => {
        if (this.#values.get(key) === value) this.#values.delete(key);
      },
      letGo: () => this.#space.wake(),
    });
    return value;
  }
}

/** A fill leaves nothing of what is stored. */
function needsBytes({ steps }: LazyTensor): boolean {
  return !steps.some(({ kind }) => kind === 'fill');
}

/** An unpacker of its own, with its own scratch folder; most want `scratchUnpacker()`. */
export function createUnpacker(options: ScratchUnpackerOptions = {}): ScratchStore {
  return new ScratchUnpacker(options);
}

let shared: ScratchStore | null = null;

/** The one of this process: what several documents and engines look at is unpacked once. */
export function scratchUnpacker(): ScratchStore {
  shared ??= createUnpacker();
  return shared;
}
