import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { FileSource } from '../../checkpoint/byte-source.ts';
import { joinedStorage } from '../../checkpoint/unpack/joined-decoder.ts';
import type { ScratchControl, ScratchStore } from '../../checkpoint/unpack/scratch-unpacker.ts';
import { plainBytes, stridedStorage } from '../../checkpoint/unpack/stored-bytes.ts';
import { CancelledError, InvalidStateError } from '../../errors.ts';
import { bytesFor, type DType, dtypeInfo } from '../../ndarray/dtype.ts';
import type { Expression } from '../../ndarray/expression.ts';
import { type Derivation, type DerivedTensor, type LazyTensor, resultDType } from '../../ndarray/lazy-tensor.ts';
import type { PackedStorage, UnpackedLease, Unpacker, UnpackOptions } from '../../ndarray/packed-storage.ts';
import { elementCount, type Shape, stridesOf } from '../../ndarray/shape.ts';
import type { TensorEngine } from '../../stats/engine.ts';

import { arithmeticPieces } from './arithmetic.ts';

/** Bytes of evaluated elements that are under way to a scratch file at once. */
const PIECE_BYTES = 8 * 1024 * 1024;

/** Draws the value of an initializer on a device worker, as C-order storage bytes in pieces. */
export type Draw = (spec: DrawSpec) => AsyncIterable<Uint8Array>;

export interface DrawSpec {
  readonly initializer: string;
  readonly name: string;
  readonly seed: number;
  readonly dtype: DType;
  readonly shape: Shape;
}

type Derived = LazyTensor & { readonly derived: DerivedTensor };
type View = Extract<Derivation, { kind: 'view' }>;

/**
 * Makes derived values plain: views that are runs of their source by pointing there, all others as scratch
 * files of bounded memory, in the space that unpacked values share. What is packed goes on to the store.
 */
export class Deriver implements Unpacker {
  readonly #store: ScratchStore;
  readonly #draw: Draw;
  #engine: TensorEngine | null = null;

  constructor(store: ScratchStore, draw: Draw) {
    this.#store = store;
    this.#draw = draw;
  }

  /** Who evaluates steps; an engine and its unpacker need each other. */
  evaluateBy(engine: TensorEngine): void {
    this.#engine = engine;
  }

  async unpack(tensor: LazyTensor, options: UnpackOptions = {}): Promise<UnpackedLease> {
    if (!isDerived(tensor)) return await this.#store.unpack(tensor, options);
    const { derivation } = tensor.derived;
    if (derivation.kind === 'view' && isRun(tensor.shape, derivation)) return await this.#part(tensor, options);
    const nbytes = bytesFor(tensor.dtype, elementCount(tensor.shape));
    const key = keyOf({ ...tensor, steps: [] });
    const make = (target: string, control: ScratchControl): Promise<void> => this.#make(tensor, target, control);
    const lease = await this.#store.hold({ key, nbytes, make }, options);
    if (lease.isKnown) await verified(tensor, lease.release);
    const { path, stamp, release } = lease;
    return { tensor: placed(tensor, { path, stamp, offset: 0, nbytes }), release };
  }

  /** Nothing is its own: the store is closed by who made it. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  /** A view of consecutive elements is the same bytes. */
  async #part(tensor: Derived, options: UnpackOptions): Promise<UnpackedLease> {
    const { start } = tensor.derived.derivation as View;
    const { tensor: source, release } = await this.#evaluated(only(tensor), options);
    const nbytes = bytesFor(tensor.dtype, elementCount(tensor.shape));
    const offset = source.region.offset + bytesFor(tensor.dtype, start);
    return { tensor: placed(tensor, { ...source.region, offset, nbytes }), release };
  }

  async #make(tensor: Derived, target: string, control: ScratchControl): Promise<void> {
    const { derivation } = tensor.derived;
    switch (derivation.kind) {
      case 'view':
        return await this.#decode(tensor, { target, control }, ([source]) => viewStorage(tensor, derivation, source));
      case 'concatenate':
        return await this.#decode(tensor, { target, control }, (sources) => {
          const rows = elementCount(tensor.shape.slice(0, derivation.axis));
          return joinedStorage(
            sources.map(({ region: { offset, nbytes } }, file) => plainBytes({ file, offset, nbytes })),
            rows,
          );
        });
      case 'draw':
        return await write(target, this.#draw({ ...derivation, ...tensor }), control);
      case 'arithmetic':
        return await this.#compute(tensor, derivation.expression, { target, control });
    }
  }

  async #decode(
    { derived: { sources }, dtype, shape }: Derived,
    { target, control }: { readonly target: string; readonly control: ScratchControl },
    storage: (sources: readonly LazyTensor[]) => PackedStorage,
  ): Promise<void> {
    const leases: UnpackedLease[] = [];
    try {
      // They come while this value has room already: to wait for more could be to wait for itself.
      for (const source of sources) leases.push(await this.#evaluated(source, { wait: false }));
      const plain = leases.map((lease) => lease.tensor);
      const files = plain.map(({ region: { path, stamp } }) => ({ path, stamp }));
      const nbytes = bytesFor(dtype, elementCount(shape));
      const packed = { ...storage(plain), files };
      await this.#store.decode({ packed, dtype, shape, nbytes, target, first: true }, control);
    } finally {
      for (const lease of leases) lease.release();
    }
  }

  async #compute(
    { derived: { sources }, shape }: Derived,
    expression: Expression,
    { target, control }: { readonly target: string; readonly control: ScratchControl },
  ): Promise<void> {
    const engine = this.#evaluator();
    const leases: UnpackedLease[] = [];
    try {
      for (const source of sources) leases.push(await this.unpack(source, { wait: false }));
      const plain = leases.map((lease) => lease.tensor);
      const work = { expression, sources: plain, count: elementCount(shape), engine };
      await write(target, arithmeticPieces(work), control);
    } finally {
      for (const lease of leases) lease.release();
    }
  }

  /** All elements after all steps, as a run of bytes. */
  async #evaluated(tensor: LazyTensor, options: UnpackOptions): Promise<UnpackedLease> {
    if (isAsStored(tensor)) return await this.unpack({ ...tensor, steps: [] }, options);
    const dtype = resultDType(tensor);
    const nbytes = bytesFor(dtype, elementCount(tensor.shape));
    const make = (target: string, control: ScratchControl): Promise<void> =>
      this.#evaluate(tensor, { dtype, target, control });
    const lease = await this.#store.hold({ key: keyOf(tensor), nbytes, make }, options);
    const { path, stamp, release } = lease;
    if (lease.isKnown) await verified(tensor, release);
    const { shape } = tensor;
    return { tensor: { dtype, shape, steps: [], region: { path, stamp, offset: 0, nbytes } }, release };
  }

  #evaluator(): TensorEngine {
    if (this.#engine) return this.#engine;
    throw new InvalidStateError('Derived values need an engine that evaluates their sources.');
  }

  async #evaluate(
    tensor: LazyTensor,
    { dtype, target, control }: { readonly dtype: DType; readonly target: string; readonly control: ScratchControl },
  ): Promise<void> {
    const engine = this.#evaluator();
    const lease = await this.unpack(tensor, { wait: false });
    const count = elementCount(tensor.shape);
    const step = Math.floor(PIECE_BYTES / (dtypeInfo(dtype).bits / 8));
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let start = 0; start < count; start += step) {
        yield await engine.read(lease.tensor, start, Math.min(step, count - start));
      }
    }
    try {
      await write(target, pieces(), control);
    } finally {
      lease.release();
    }
  }
}

function isDerived(tensor: LazyTensor): tensor is Derived {
  return tensor.derived !== undefined;
}

/** True where the steps change nothing. */
function isAsStored({ steps, dtype, sparse }: LazyTensor): boolean {
  return sparse === undefined && steps.every((step) => step.kind === 'cast' && step.dtype === dtype);
}

function isRun(shape: Shape, { strides }: View): boolean {
  const contiguous = stridesOf(shape);
  return strides.every((stride, axis) => (shape[axis] ?? 1) <= 1 || stride === contiguous[axis]);
}

function placed({ dtype, shape, steps }: LazyTensor, region: LazyTensor['region']): LazyTensor {
  return { dtype, shape, steps, region };
}

function only({ derived }: Derived): LazyTensor {
  const [source] = derived.sources;
  if (!source) throw new TypeError('A view has a source.');
  return source;
}

function viewStorage({ dtype }: LazyTensor, view: View, source: LazyTensor | undefined): PackedStorage {
  if (!source) throw new TypeError('A view has a source.');
  const itemsize = dtypeInfo(dtype).bits / 8;
  const { offset, nbytes } = source.region;
  const strides = view.strides.map((stride) => stride * itemsize);
  return stridedStorage(plainBytes({ file: 0, offset, nbytes }), {
    itemsize,
    swap: 1,
    start: view.start * itemsize,
    strides,
  });
}

/** Steps may hold megabytes of values: what stands for them is short. */
function keyOf(tensor: LazyTensor): string {
  return `derived ${createHash('sha256').update(JSON.stringify(tensor)).digest('hex')}`;
}

/** @throws FileChangedError where a file that the value was made of is another by now. */
async function verifySources({ region, derived }: LazyTensor): Promise<void> {
  await FileSource.known(region).verify();
  for (const source of derived?.sources ?? []) await verifySources(source);
}

/** Lets go of what stands on files that are gone. */
async function verified(tensor: LazyTensor, release: () => void): Promise<void> {
  try {
    await verifySources(tensor);
  } catch (error) {
    release();
    throw error;
  }
}

async function write(target: string, pieces: AsyncIterable<Uint8Array>, control: ScratchControl): Promise<void> {
  const file = await open(target, 'wx', 0o600);
  let done = 0;
  try {
    for await (const piece of pieces) {
      if (Atomics.load(control.cancel, 0) !== 0) throw new CancelledError();
      for (let at = 0; at < piece.length; )
        at += (await file.write(piece, at, piece.length - at, done + at)).bytesWritten;
      done += piece.length;
      control.onProgress(done);
    }
  } finally {
    await file.close();
  }
}
