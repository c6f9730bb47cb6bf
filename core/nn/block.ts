import type { Device } from '../device/device.ts';
import type { NDArray } from '../device/nd-array.ts';
import { InvalidArgumentError, InvalidStateError } from '../errors.ts';
import { Initializer, type InitializerSpec } from '../initializer/index.ts';
import type { DType } from '../ndarray/dtype.ts';
import { Parameter } from '../parameter/parameter.ts';
import { ParameterDict, type SettableAttribute } from '../parameter/parameter-dict.ts';
import { warnings } from '../warnings.ts';
import { assertSameClass } from './attribute-class.ts';
import { containerHolds } from './containers.ts';
import { ATTRIBUTE_ASSIGNED, ObservedAttributes } from './observed-attributes.ts';
import {
  type ArraysByName,
  type LoadParametersOptions,
  loadDict,
  loadParameters,
  type SaveParametersOptions,
  saveParameters,
} from './parameter-files.ts';
import { matchingAtStart } from './path-pattern.ts';
import { parametersByName, type SharedParameters } from './shared-parameters.ts';

export interface BlockInitializeOptions {
  /** For Parameters without an initializer of their own (P-287). */
  readonly init?: InitializerSpec;
  readonly device?: Device | readonly Device[] | null;
  readonly verbose?: boolean;
  readonly forceReinit?: boolean;
}

/** What separates the attribute names on the way from a Block to one of its Parameters. */
const SEPARATOR = '.';

/**
 * Gluon's Block: Parameters and child Blocks by attribute name, and a `forward` that computes with
 * them. Assigning a Parameter or a Block to an attribute registers it (P-280). After
 * `mxnet.gluon.block.Block`; the P- and B- numbers are rows of the parity tables.
 */
export class Block extends ObservedAttributes {
  readonly #params = new Map<string, Parameter>();
  readonly #children = new Map<string, Block>();

  /** The own Parameters by attribute name, without those of children (B-005). */
  get params(): ParameterDict {
    return new ParameterDict(this.#params);
  }

  get children(): ReadonlyMap<string, Block> {
    return this.#children;
  }

  /** Makes `block` a child, whether or not it is an attribute; by default it is called by its number. */
  registerChild(block: Block, name = String(this.#children.size)): void {
    this.#children.set(name, block);
  }

  /** Makes `parameter` an own one under a name that is no attribute. @throws InvalidArgumentError as an assignment (P-280). */
  registerParameter(name: string, parameter: Parameter): void {
    const before = this.#params.get(name);
    if (before) assertSameClass(name, before, parameter);
    this.#params.set(name, parameter);
  }

  /** Computes the output from `inputs`, which are on one device; the copies there of the Parameters are used. */
  forward(..._inputs: readonly NDArray[]): NDArray {
    throw new InvalidStateError(`${this.constructor.name} does not say what its output is: it has no forward().`);
  }

  /**
   * All Parameters by dotted path: the own ones first, then those of each child (B-002). `select`
   * is a regular expression that has to match at the start of the path (P-281).
   *
   * @throws InvalidArgumentError for a string that is no regular expression.
   */
  collectParams(select?: string | RegExp): ParameterDict {
    const paths = select === undefined ? null : matchingAtStart(select);
    const found = new Map<string, Parameter>();
    for (const { path, parameter } of this.#walk()) {
      if (paths === null || path.search(paths) === 0) found.set(path, parameter);
    }
    return new ParameterDict(found);
  }

  /**
   * Initializes all Parameters; those with unknown sizes wait for the first `forward`. `init` is for
   * those that have no initializer of their own (P-287, B-006).
   *
   * @throws InvalidArgumentError for `verbose` with anything but an instance of Initializer.
   */
  initialize({
    init = 'uniform',
    device = null,
    verbose = false,
    forceReinit = false,
  }: BlockInitializeOptions = {}): void {
    if (verbose) {
      if (!(init instanceof Initializer)) {
        throw new InvalidArgumentError('verbose needs an instance of Initializer as init: a name has no verbosity.');
      }
      init.setVerbosity(true);
    }
    this.collectParams().initialize({ init, device, forceReinit });
  }

  /** Calls `fn` with every Block below this one, children first, and with this one at last (B-007). */
  apply(fn: (block: Block) => void): this {
    for (const child of this.#children.values()) child.apply(fn);
    fn(this);
    return this;
  }

  /** Casts the children, then the own Parameters (P-288). */
  cast(dtype: DType): void {
    for (const child of this.#children.values()) child.cast(dtype);
    for (const parameter of this.#params.values()) parameter.cast(dtype);
  }

  zeroGrad(): void {
    this.collectParams().zeroGrad();
  }

  /** Sets an attribute of every Parameter: `net.setattr('gradReq', 'null')` (P-029). */
  setattr<K extends SettableAttribute>(name: K, value: Parameter[K]): void {
    this.collectParams().setattr(name, value);
  }

  /** P-288 */
  resetDevice(device: Device | readonly Device[] | null): void {
    this.collectParams().resetDevice(device);
  }

  /** @deprecated Use `resetDevice` (P-288). */
  resetCtx(device: Device | readonly Device[] | null): void {
    warnings.emit('DeprecationWarning', 'Block.resetCtx has been renamed to Block.resetDevice.');
    this.resetDevice(device);
  }

  /**
   * Puts the Parameters of another Block, by path, in the place of this one's: both then hold the same
   * objects (P-286). A path that is not here is a warning. Null changes nothing.
   *
   * @throws InvalidArgumentError for what is no dictionary of Parameters, and where one may not take another's place (P-280).
   */
  shareParameters(shared: SharedParameters | null): this {
    if (shared === null) return this;
    const left = parametersByName(shared);
    const places = [...this.#walk()].flatMap((place) => {
      const next = left.get(place.path);
      return next && left.delete(place.path) ? [{ ...place, next }] : [];
    });
    for (const { path, parameter, next } of places) assertSameClass(path, parameter, next);
    for (const { owner, attribute, next } of places) {
      if (Object.hasOwn(owner, attribute)) Reflect.set(owner, attribute, next);
      else owner.registerParameter(attribute, next);
    }
    for (const path of left.keys()) {
      warnings.emit('UserWarning', `Parameter name ${path} is not in the current model!`);
    }
    return this;
  }

  /**
   * Writes the mean over devices of every Parameter under its path, in the format that the ending of
   * `path` names: .params (MXNet), .npz, .safetensors (P-282).
   *
   * @throws NotInitializedError for a Parameter without data.
   */
  async saveParameters(path: string, options: SaveParametersOptions = {}): Promise<void> {
    await saveParameters(this.collectParams(), path, options);
  }

  /**
   * Loads every Parameter that the file holds, whatever wrote it (P-283 … P-285). Without a device each
   * stays where it is; those that are nowhere yet go to the current device (decision on P-284).
   *
   * @throws InvalidArgumentError for missing and extra names, before anything is loaded.
   * @throws ShapeMismatchError, DTypeMismatchError, DeviceMismatchError that name the path; what comes before
   *   it in the file is loaded by then (B-010).
   */
  async loadParameters(path: string, options: LoadParametersOptions = {}): Promise<void> {
    await loadParameters(this.collectParams(), path, options);
  }

  /** As `loadParameters`, from arrays in memory (B-010). */
  loadDict(arrays: ArraysByName, options: LoadParametersOptions = {}): Promise<void> {
    return loadDict(this.collectParams(), arrays, options);
  }

  /** The children by name, each indented below its parent, as Gluon prints them. */
  override toString(): string {
    const lines = [...this.#children].map(([name, child]) => `  (${name}): ${String(child).replaceAll('\n', '\n  ')}`);
    return `${this.constructor.name}(\n${lines.join('\n')}\n)`;
  }

  override [ATTRIBUTE_ASSIGNED](name: string, value: unknown): void {
    const before: unknown = this.#params.get(name) ?? Object.getOwnPropertyDescriptor(this, name)?.value;
    if (before instanceof Parameter || before instanceof Block) assertSameClass(name, before, value);
    if (value instanceof Block) this.registerChild(value, name);
    else if (value instanceof Parameter) this.#params.set(name, value);
  }

  /** Every Parameter at or below this Block, and where it is. */
  *#walk(prefix = ''): Generator<ParameterPlace> {
    this.#warnOfContainers();
    for (const [attribute, parameter] of this.#params) {
      yield { path: `${prefix}${attribute}`, parameter, owner: this, attribute };
    }
    for (const [name, child] of this.#children) yield* child.#walk(`${prefix}${name}${SEPARATOR}`);
  }

  /** B-003 */
  #warnOfContainers(): void {
    const registered: ReadonlySet<unknown> = new Set(this.#children.values());
    const isForgotten = (item: unknown) => item instanceof Block && !registered.has(item);
    for (const [name, value] of Object.entries(this)) {
      if (!containerHolds(value, isForgotten)) continue;
      warnings.emit(
        'UserWarning',
        `"${name}" is an unregistered container with Blocks: those inside a list, a map or an object are not registered by themselves. Use registerChild or Sequential.`,
      );
    }
  }
}

interface ParameterPlace {
  readonly path: string;
  readonly parameter: Parameter;
  readonly owner: Block;
  readonly attribute: string;
}
