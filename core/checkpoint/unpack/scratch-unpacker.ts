import { availableParallelism } from 'node:os';
import { CancelledError } from '../../errors.ts';
import type { LazyTensor } from '../../ndarray/lazy-tensor.ts';
import type { PackedTensor, UnpackedLease, Unpacker, UnpackOptions } from '../../ndarray/packed-storage.ts';
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

interface Wanted {
  readonly tensor: LazyTensor;
  readonly packed: PackedTensor;
  readonly key: string;
}

class ScratchUnpacker implements Unpacker {
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
    if (options.signal?.aborted) throw new CancelledError();
    const key = keyOf(tensor, packed);
    const known = this.#values.get(key);
    const value = known ?? this.#begin({ tensor, packed, key }, options);
    this.#values.delete(key);
    this.#values.set(key, value);
    const { path, stamp } = await value.hold(options);
    let isHeld = true;
    const release = (): void => {
      if (isHeld) value.release();
      isHeld = false;
    };
    try {
      // What was unpacked is good for as long as the file is the one that it came from.
      if (known) await FileSource.known(tensor.region).verify();
    } catch (error) {
      release();
      throw error;
    }
    return {
      tensor: { ...plain, region: { path, offset: 0, nbytes: plain.region.nbytes, stamp } },
      release,
    };
  }

  async close(): Promise<void> {
    for (const value of this.#values.values()) value.cancel();
    this.#values.clear();
    await this.#threads.close();
    this.#folder.remove();
  }

  #begin({ tensor, packed, key }: Wanted, { priority, wait = true }: UnpackOptions): ScratchValue {
    const nbytes = unpackedSize(tensor);
    const value: ScratchValue = new ScratchValue(nbytes, {
      place: (isCancelled) =>
        this.#space.reserve(nbytes, {
          others: () => [...this.#values.values()].filter((other) => other !== value),
          isCancelled,
          wait,
        }),
      unpack: (target, { cancel, onProgress }) =>
        this.#threads.run({
          ...{ packed, dtype: tensor.dtype, shape: tensor.shape, nbytes, target, cancel, onProgress },
          first: priority !== 'background',
        }),
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
export function createUnpacker(options: ScratchUnpackerOptions = {}): Unpacker {
  return new ScratchUnpacker(options);
}

let shared: Unpacker | null = null;

/** The one of this process: what several documents and engines look at is unpacked once. */
export function scratchUnpacker(): Unpacker {
  shared ??= createUnpacker();
  return shared;
}
