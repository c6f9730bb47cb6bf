import type { Attributes, DeviceName, Handle } from '../../core/device/protocol.ts';
import type { DeviceMemory } from '../../core/device/worker/device-memory.ts';
import { activateBackend } from '../../core/device/worker/gpu/active-backend.ts';
import type { GpuMemory } from '../../core/device/worker/gpu/gpu-memory.ts';
import { bytesFor, type DType, dtypeInfo } from '../../core/ndarray/dtype.ts';
import { decodeFloat, FLOAT_FORMATS, isSmallFloat } from '../../core/ndarray/float-format.ts';
import { elementCount, type Shape } from '../../core/ndarray/shape.ts';
import { Random } from './random.ts';

export interface Spec {
  readonly dtype: DType;
  readonly shape: Shape;
}

export interface Invocation {
  readonly name: string;
  readonly inputs?: readonly Handle[];
  readonly outputs?: readonly Spec[];
  /** Arrays that are changed in place, in the place of new outputs. */
  readonly into?: readonly Handle[];
  readonly attributes?: Attributes;
}

/** The devices under test and the cpu beside them: every array is on both, and every op runs on both. */
export class Bench {
  readonly gpu: GpuMemory;
  readonly reference: DeviceMemory;
  /** Operators that the processor ran in the place of the GPU since this was last emptied. */
  readonly fallbacks: Set<string>;
  readonly losses: { readonly devices: readonly DeviceName[]; readonly reason: string }[];
  random = new Random(1);
  backend = '';
  #specs = new Map<Handle, Spec>();
  #last = 0;

  constructor(parts: Pick<Bench, 'gpu' | 'reference' | 'fallbacks' | 'losses'>) {
    this.gpu = parts.gpu;
    this.reference = parts.reference;
    this.fallbacks = parts.fallbacks;
    this.losses = parts.losses;
  }

  /** Storage bytes of random numbers from `low` to `high`. */
  async numbers(spec: Spec, low = -2, high = 2, device: DeviceName = 'gpu(0)'): Promise<Handle> {
    const values = this.random.numbers(elementCount(spec.shape), low, high);
    const float64 = await this.bytes({ dtype: 'float64', shape: spec.shape }, new Uint8Array(values.buffer), device);
    const handle = await this.cast(float64, spec.dtype, device);
    await this.free(float64);
    return handle;
  }

  async values(spec: Spec, values: readonly number[], device: DeviceName = 'gpu(0)'): Promise<Handle> {
    const bytes = new Uint8Array(Float64Array.from(values).buffer);
    const float64 = await this.bytes({ dtype: 'float64', shape: spec.shape }, bytes, device);
    const handle = await this.cast(float64, spec.dtype, device);
    await this.free(float64);
    return handle;
  }

  async bytes(spec: Spec, bytes: Uint8Array<ArrayBuffer>, device: DeviceName = 'gpu(0)'): Promise<Handle> {
    const handle = await this.zeros(spec, device);
    await this.upload(handle, 0, bytes);
    return handle;
  }

  async zeros(spec: Spec, device: DeviceName = 'gpu(0)'): Promise<Handle> {
    const handle = this.#next(spec);
    await this.#both((memory) => memory.run({ kind: 'create', handle, device, ...spec }));
    return handle;
  }

  async upload(handle: Handle, offset: number, bytes: Uint8Array<ArrayBuffer>, dtype = this.spec(handle).dtype) {
    await this.#both((memory) => memory.run({ kind: 'upload', handle, dtype, offset, bytes: bytes.slice().buffer }));
  }

  async cast(source: Handle, dtype: DType, device: DeviceName = 'gpu(0)'): Promise<Handle> {
    const handle = this.#next({ dtype, shape: this.spec(source).shape });
    await this.#both((memory) => memory.run({ kind: 'cast', handle, device, source, dtype }));
    return handle;
  }

  async assign(handle: Handle, source: Handle): Promise<void> {
    await this.#both((memory) => memory.run({ kind: 'assign', handle, source }));
  }

  async zero(handle: Handle): Promise<void> {
    await this.#both((memory) => memory.run({ kind: 'zero', handle }));
  }

  async mean(sources: readonly Handle[], device: DeviceName = 'gpu(0)'): Promise<Handle> {
    const handle = this.#next(this.spec(sources[0] ?? 0));
    await this.#both((memory) => memory.run({ kind: 'mean', handle, device, sources }));
    return handle;
  }

  async invoke({ name, inputs = [], outputs = [], into = [], attributes = {} }: Invocation): Promise<Handle[]> {
    const made = outputs.map((spec) => ({ handle: this.#next(spec), device: 'gpu(0)' as const, ...spec, isNew: true }));
    const changed = into.map((handle) => ({ handle, device: 'gpu(0)' as const, ...this.spec(handle), isNew: false }));
    const op = { kind: 'invoke', name, inputs, outputs: [...made, ...changed], attributes } as const;
    await this.#both((memory) => memory.run(op));
    return made.map(({ handle }) => handle);
  }

  async free(...handles: readonly Handle[]): Promise<void> {
    for (const handle of handles) {
      this.#specs.delete(handle);
      await this.#both((memory) => memory.run({ kind: 'free', handle }));
    }
  }

  /** Frees every array: a case leaves nothing behind. */
  async clear(): Promise<void> {
    await this.free(...this.#specs.keys());
  }

  spec(handle: Handle): Spec {
    const spec = this.#specs.get(handle);
    if (!spec) throw new Error(`There is no array ${handle}.`);
    return spec;
  }

  async read(memory: GpuMemory | DeviceMemory, handle: Handle, start = 0, count?: number): Promise<Uint8Array> {
    const all = elementCount(this.spec(handle).shape);
    const query = { kind: 'read', handle, start, count: count ?? all - start, form: 'bytes' } as const;
    return new Uint8Array((await memory.answer(query)) as ArrayBuffer);
  }

  /** Fails where a bit differs. */
  async same(handle: Handle): Promise<void> {
    const [got, wanted] = [await this.read(this.gpu, handle), await this.read(this.reference, handle)];
    const at = wanted.findIndex((byte, i) => byte !== got[i]);
    if (got.length === wanted.length && at < 0) return;
    const width = bytesFor(this.spec(handle).dtype, 1);
    const start = Math.floor(at / width) * width;
    throw new Error(
      `element ${start / width} of ${this.#label(handle)} is ${hex(got, start, width)}, the cpu has ${hex(wanted, start, width)}`,
    );
  }

  /** Fails where an element is off by more than 1e-5 of itself, or a step of its dtype, or a millionth of the largest; NaN and infinities agree. */
  async close(handle: Handle, tolerance = 1e-5): Promise<void> {
    const { dtype } = this.spec(handle);
    if (dtypeInfo(dtype).kind !== 'float') {
      await this.same(handle);
      return;
    }
    const got = numbersOf(dtype, await this.read(this.gpu, handle));
    const wanted = numbersOf(dtype, await this.read(this.reference, handle));
    const step = isSmallFloat(dtype) ? 2 ** -FLOAT_FORMATS[dtype].mantissaBits : 0;
    let largest = 0;
    for (const value of wanted) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
    wanted.forEach((value, i) => {
      const found = got[i] ?? Number.NaN;
      if (Object.is(found, value) || found === value || (Number.isNaN(found) && Number.isNaN(value))) return;
      const room = Math.max(tolerance, step) * Math.abs(value) + 0.1 * tolerance * largest + 2 ** -126;
      if (Math.abs(found - value) <= room) return;
      throw new Error(`element ${i} of ${this.#label(handle)} is ${found}, the cpu has ${value}`);
    });
  }

  #label(handle: Handle): string {
    const { dtype, shape } = this.spec(handle);
    return `${dtype}[${shape.join(', ')}]`;
  }

  async #both(run: (memory: GpuMemory | DeviceMemory) => void | Promise<void>): Promise<void> {
    // The cpu's kernels have TensorFlow.js to themselves in their own worker.
    activateBackend('cpu');
    await run(this.reference);
    await run(this.gpu);
  }

  #next(spec: Spec): Handle {
    const handle = ++this.#last;
    this.#specs.set(handle, spec);
    return handle;
  }
}

function numbersOf(dtype: DType, bytes: Uint8Array): Float32Array | Float64Array {
  const { buffer } = new Uint8Array(bytes);
  if (dtype === 'float32') return new Float32Array(buffer);
  if (dtype === 'float64') return new Float64Array(buffer);
  if (!isSmallFloat(dtype)) throw new Error(`${dtype} has no numbers here.`);
  const codes = dtypeInfo(dtype).bits === 8 ? new Uint8Array(buffer) : new Uint16Array(buffer);
  return Float64Array.from(codes, (code) => decodeFloat(FLOAT_FORMATS[dtype], code));
}

function hex(bytes: Uint8Array, start: number, width: number): string {
  return [...bytes.subarray(start, start + width)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
