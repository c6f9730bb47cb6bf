import { InvalidStateError } from '../errors.ts';
import type { LazyTensor } from '../ndarray/lazy-tensor.ts';
import type { UnpackedLease, Unpacker } from '../ndarray/packed-storage.ts';
import type { WorkOptions } from './engine.ts';

/** Work on tensors whose bytes lie in files as they are. */
export type PlainWork<T> = (tensors: readonly LazyTensor[], options: WorkOptions) => Promise<T>;

/**
 * Unpacks what is packed, does `work` and lets go of it. Where unpacking takes its time it is the first
 * half of the progress.
 *
 * @throws InvalidStateError where there is nobody who unpacks.
 */
export async function withPlain<T>(
  unpacker: Unpacker | null,
  { tensors, options }: { readonly tensors: readonly LazyTensor[]; readonly options: WorkOptions },
  work: PlainWork<T>,
): Promise<T> {
  if (tensors.every(({ packed, derived }) => packed === undefined && derived === undefined))
    return await work(tensors, options);
  if (!unpacker) throw new InvalidStateError('This engine was made without an unpacker: it reads plain tensors only.');
  const leases: UnpackedLease[] = [];
  const halves = new Halves(tensors, options);
  try {
    for (const tensor of tensors) {
      const { signal, priority } = options;
      // Two that hold one value each and wait for room for another would wait forever.
      const wait = leases.length === 0;
      leases.push(await unpacker.unpack(tensor, { signal, priority, wait, onProgress: halves.unpacking(tensor) }));
    }
    return await work(
      leases.map(({ tensor }) => tensor),
      { ...options, onProgress: halves.working() },
    );
  } finally {
    for (const lease of leases) lease.release();
  }
}

/** Progress of two stages as one; what was unpacked before takes no part of it. */
class Halves {
  readonly #onProgress: WorkOptions['onProgress'];
  readonly #total: number;
  /** Half of the bytes that were unpacked so far. */
  #done = 0;

  constructor(tensors: readonly LazyTensor[], { onProgress }: WorkOptions) {
    this.#onProgress = onProgress;
    this.#total = tensors.reduce((sum, { region }) => sum + region.nbytes, 0);
  }

  unpacking({ region }: LazyTensor): (bytes: number) => void {
    const before = this.#done;
    return (bytes) => {
      this.#done = before + Math.min(bytes, region.nbytes) / 2;
      this.#onProgress?.(Math.floor(this.#done));
    };
  }

  working(): ((bytes: number) => void) | undefined {
    const onProgress = this.#onProgress;
    const done = this.#done;
    if (!onProgress || done === 0) return onProgress;
    const share = 1 - done / this.#total;
    return (bytes) => onProgress(Math.round(done + bytes * share));
  }
}
