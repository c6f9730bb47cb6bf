import type { NDArray } from '../device/nd-array.ts';
import { type LoadedArrays, load } from '../device/nd-files.ts';
import type { DeviceRuntime } from '../device/runtime.ts';
import { InvalidArgumentError, InvalidStateError, ShapeMismatchError } from '../errors.ts';
import { formatShape } from '../ndarray/shape.ts';
import { fillFrom } from './fill.ts';
import type { InitDesc } from './init-desc.ts';
import { Initializer } from './initializer.ts';
import { createInitializer, type InitializerSpec } from './registry.ts';

export interface LoadInitializerOptions {
  /** Says on stderr of each array where its value came from. */
  readonly verbose?: boolean | undefined;
  /** Holds the arrays of a file; the shared one by default. */
  readonly runtime?: DeviceRuntime | undefined;
}

type Contents =
  | { readonly kind: 'reading' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'read'; readonly arrays: ReadonlyMap<string, NDArray> };

/**
 * Takes values by name from arrays, or from a file of arrays (`.params`, `.npz`, `.safetensors`); others
 * get theirs from `defaultInit`. The prefixes `arg:` and `aux:` of names are ignored. Files are read while
 * other work goes on: await `ready` before the first use.
 */
export class Load extends Initializer {
  /** Resolves once the values are there; rejects as `nd.load` does. */
  readonly ready: Promise<void>;
  readonly #default: Initializer | null;
  readonly #verbose: boolean;
  #contents: Contents = { kind: 'reading' };

  /** @throws InvalidArgumentError for anything but a path or an object of arrays. */
  constructor(
    source: string | Readonly<Record<string, NDArray>>,
    defaultInit: InitializerSpec | null = null,
    { verbose = false, runtime }: LoadInitializerOptions = {},
  ) {
    super();
    if (typeof source !== 'string' && (typeof source !== 'object' || source === null || Array.isArray(source))) {
      throw new InvalidArgumentError('Load takes the path of a file, or arrays by name.');
    }
    this.#default = defaultInit === null ? null : createInitializer(defaultInit);
    this.#verbose = verbose;
    if (typeof source === 'string') {
      this.ready = this.#read(source, runtime);
      // Whoever does not await it hears of the failure at the first use.
      this.ready.catch(() => undefined);
    } else {
      this.#contents = { kind: 'read', arrays: byPlainName(source) };
      this.ready = Promise.resolve();
    }
  }

  override initWeight(desc: InitDesc | string, array: NDArray): void {
    if (!this.#initLoaded(desc, array)) this.#defaultFor(desc).initWeight(desc, array);
  }

  override initByName(desc: InitDesc | string, array: NDArray): void {
    if (!this.#initLoaded(desc, array)) this.#defaultFor(desc).initByName(desc, array);
  }

  /** @throws InvalidStateError MXNet has no JSON for it. */
  override dumps(): string {
    throw new InvalidStateError('Load has no JSON form: name the file again where it is needed.');
  }

  override toString(): string {
    return 'Load';
  }

  /** Values are not compared: equal only to itself. */
  override equals(other: Initializer): boolean {
    return other === this;
  }

  /** False where there is no value for the name. */
  #initLoaded(desc: InitDesc | string, array: NDArray): boolean {
    const loaded = this.#arrays().get(plainName(String(desc)));
    if (!loaded) return false;
    if (formatShape(loaded.shape) !== formatShape(array.shape)) {
      throw new ShapeMismatchError(
        `Parameter ${desc} cannot be initialized from loading. Shape mismatch, target ${formatShape(array.shape)} vs loaded ${formatShape(loaded.shape)}.`,
      );
    }
    fillFrom(desc, array, loaded);
    if (this.#verbose) process.stderr.write(`Initialized ${desc} by loading\n`);
    return true;
  }

  #defaultFor(desc: InitDesc | string): Initializer {
    if (!this.#default) {
      throw new InvalidArgumentError(
        `Cannot Initialize ${desc}. Not found in loaded param and no default Initializer is provided.`,
      );
    }
    if (this.#verbose) process.stderr.write(`Initialized ${desc} by default\n`);
    return this.#default;
  }

  #arrays(): ReadonlyMap<string, NDArray> {
    switch (this.#contents.kind) {
      case 'read':
        return this.#contents.arrays;
      case 'failed':
        throw this.#contents.error;
      case 'reading':
        throw new InvalidStateError('The file of this Load is still being read: await its `ready` first.');
    }
  }

  async #read(path: string, runtime: DeviceRuntime | undefined): Promise<void> {
    try {
      this.#contents = { kind: 'read', arrays: byPlainName(named(path, await load(path, { runtime }))) };
    } catch (error) {
      this.#contents = { kind: 'failed', error };
      throw error;
    }
  }
}

function named(path: string, arrays: LoadedArrays): Readonly<Record<string, NDArray>> {
  if (!Array.isArray(arrays)) return arrays;
  for (const array of arrays) array.dispose();
  throw new InvalidArgumentError(`The arrays of ${JSON.stringify(path)} have no names, by which Load looks them up.`);
}

function byPlainName(arrays: Readonly<Record<string, NDArray>>): ReadonlyMap<string, NDArray> {
  return new Map(Object.entries(arrays).map(([name, array]) => [plainName(name), array]));
}

function plainName(name: string): string {
  return name.replace(/^(arg|aux):/, '');
}
