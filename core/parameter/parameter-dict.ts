import type { Device } from '../device/device.ts';
import { InvalidArgumentError, NotFoundError } from '../errors.ts';
import type { InitializerSpec } from '../initializer/index.ts';
import type { DType } from '../ndarray/dtype.ts';
import { Parameter } from './parameter.ts';

/** Attributes that can be set on many Parameters at once. */
const SETTABLE = ['gradReq', 'lrMult', 'wdMult', 'init', 'dtype', 'shape'] as const;
export type SettableAttribute = (typeof SETTABLE)[number];

export interface DictInitializeOptions {
  /** For Parameters that have none of their own (P-106). */
  readonly init?: InitializerSpec | null;
  readonly device?: Device | readonly Device[] | null;
  readonly forceReinit?: boolean;
}

/** Names that a message shows before it leaves some out (B-011). */
const SHOWN = { all: 7, first: 3, last: 4 } as const;

/** Parameters by name in the order in which they were added: what `Block.collectParams` gives. */
export class ParameterDict implements Iterable<[string, Parameter]> {
  readonly #parameters = new Map<string, Parameter>();

  /** @throws InvalidArgumentError for what is no Parameter. */
  constructor(entries: Iterable<readonly [string, Parameter]> = []) {
    for (const [name, parameter] of entries) this.set(name, parameter);
  }

  get size(): number {
    return this.#parameters.size;
  }

  /** @throws NotFoundError that names what there is. */
  get(name: string): Parameter {
    const parameter = this.#parameters.get(name);
    if (parameter) return parameter;
    throw new NotFoundError(`There is no Parameter '${name}'. There are: ${briefNames([...this.keys()])}.`, { name });
  }

  has(name: string): boolean {
    return this.#parameters.has(name);
  }

  set(name: string, parameter: Parameter): this {
    if (!(parameter instanceof Parameter)) {
      throw new InvalidArgumentError(`A ParameterDict holds Parameters, but '${name}' is a ${typeof parameter}.`);
    }
    this.#parameters.set(name, parameter);
    return this;
  }

  delete(name: string): boolean {
    return this.#parameters.delete(name);
  }

  keys(): IterableIterator<string> {
    return this.#parameters.keys();
  }

  values(): IterableIterator<Parameter> {
    return this.#parameters.values();
  }

  entries(): IterableIterator<[string, Parameter]> {
    return this.#parameters.entries();
  }

  [Symbol.iterator](): IterableIterator<[string, Parameter]> {
    return this.entries();
  }

  /**
   * Takes over the Parameters of another dictionary.
   * @throws InvalidArgumentError where a name stands for another Parameter here; nothing is taken then.
   */
  update(other: ParameterDict): void {
    for (const [name, parameter] of other) {
      if (this.has(name) && this.get(name) !== parameter) {
        throw new InvalidArgumentError(
          `Cannot update a ParameterDict with another because they have different Parameters with the same name '${name}'.`,
        );
      }
    }
    for (const [name, parameter] of other) this.set(name, parameter);
  }

  /** Initializes each; one that is held under two names is a warning at the second (B-006). @throws as `Parameter.initialize`. */
  initialize({ init = null, device = null, forceReinit = false }: DictInitializeOptions = {}): void {
    for (const parameter of this.values()) parameter.initialize({ device, defaultInit: init, forceReinit });
  }

  /** Those with `gradReq` null have nothing to set to zero (P-151). */
  zeroGrad(): void {
    for (const parameter of this.values()) parameter.zeroGrad();
  }

  /**
   * Sets an attribute of every Parameter: `setattr('gradReq', 'null')` (P-029).
   * @throws InvalidArgumentError for an attribute that cannot be set, and what setting it throws.
   */
  setattr<K extends SettableAttribute>(name: K, value: Parameter[K]): void {
    if (!SETTABLE.includes(name)) {
      throw new InvalidArgumentError(
        `Parameters have no settable attribute '${name}': there are ${SETTABLE.join(', ')}.`,
      );
    }
    for (const parameter of this.values()) parameter[name] = value;
  }

  cast(dtype: DType): void {
    for (const parameter of this.values()) parameter.cast(dtype);
  }

  resetDevice(device: Device | readonly Device[] | null): void {
    for (const parameter of this.values()) parameter.resetDevice(device);
  }

  /** Every device that one of the Parameters is on or will be on. @throws NotInitializedError */
  listDevice(): readonly Device[] {
    const byName = new Map<string, Device>();
    for (const parameter of this.values()) {
      for (const device of parameter.listDevice()) byName.set(String(device), device);
    }
    return [...byName.values()];
  }

  toString(): string {
    return `{${[...this].map(([name, parameter]) => `'${name}': ${parameter}`).join(', ')}}`;
  }
}

/** `'a', 'b', 'c', ..., 'w', 'x', 'y', 'z'` (B-011). */
export function briefNames(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`);
  if (quoted.length <= SHOWN.all) return quoted.join(', ');
  return [...quoted.slice(0, SHOWN.first), '...', ...quoted.slice(-SHOWN.last)].join(', ');
}
