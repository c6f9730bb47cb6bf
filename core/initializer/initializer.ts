import { NDArray } from '../device/nd-array.ts';
import { InvalidArgumentError, InvalidStateError, ShapeMismatchError } from '../errors.ts';
import { formatShape, type Shape } from '../ndarray/shape.ts';
import { warnings } from '../warnings.ts';
import { type ElementRule, fillByRule } from './element-rule.ts';
import { fillBilinear, fillFrom, fillQuantized, fillWith } from './fill.ts';
import { INIT_ATTRIBUTE, InitDesc } from './init-desc.ts';
import type { Kwargs } from './kwargs.ts';
import { type NamedRule, ruleForName, ruleForPlainName } from './name-rules.ts';
import { type PythonValue, toPythonJson } from './python-json.ts';
import { createInitializer, INITIALIZER } from './registry.ts';

/** A statistic of an array as text, for verbose initializers. */
export type PrintFunction = (array: NDArray) => Promise<string>;

/**
 * The base of all initializers. A subclass overrides `initWeight`, and passes its constructor's
 * arguments on by MXNet's names when `dumps` and `equals` shall know them. Those that set each element by
 * itself override `elementRule` instead.
 */
export abstract class Initializer {
  readonly kwargs: Kwargs;
  #print: PrintFunction | null = null;

  constructor(kwargs: Kwargs = {}) {
    this.kwargs = kwargs;
  }

  /** @internal On the prototype, where `register` looks for it. */
  get [INITIALIZER](): true {
    return true;
  }

  /**
   * Sets `array` in place, as `initializer(desc, array)` does in MXNet: by the attribute `__init__` of
   * `desc` where there is one, else by what the ending of the name asks for. Returns at once; the device
   * does the work in order. A plain string as `desc` is deprecated and has endings of its own.
   *
   * @throws InvalidArgumentError for a name that says nothing, and for arguments that the initializer refuses.
   * @throws ShapeMismatchError, UnsupportedDTypeError where the initializer cannot set such an array.
   */
  apply(desc: InitDesc | string, array: NDArray): void {
    assertArguments(desc, array);
    if (desc instanceof InitDesc) {
      desc.globalInit ??= this;
      const own = desc.attrs[INIT_ATTRIBUTE];
      if (own) {
        const initializer = createInitializer(own);
        initializer.initWeight(desc, array);
        this.#report(desc, typeof own === 'string' ? own : initializer.constructor.name, array);
        return;
      }
    } else {
      warnings.emit(
        'DeprecationWarning',
        'Calling initializer with init(str, NDArray) has been deprecated: use init(InitDesc(…), NDArray).',
      );
    }
    this.initByName(desc, array);
  }

  /** The weight rule: how every Gluon Parameter is set, whatever its name. */
  initWeight(desc: InitDesc | string, array: NDArray): void {
    const rule = this.elementRule(desc, array.shape);
    if (rule) fillByRule(desc, array, { rule });
    else this.initWhole(desc, array);
  }

  /** The weight rule for an array of `shape`, where it sets each element without regard to the others; else null. */
  elementRule(_desc: InitDesc | string, _shape: Shape): ElementRule | null {
    return null;
  }

  /** The weight rule where `elementRule` gives none. */
  protected initWhole(_desc: InitDesc | string, _array: NDArray): void {
    throw new InvalidStateError(`Must override it: the initializer ${this.constructor.name} has no initWeight.`);
  }

  /** `["xavier", {"rnd_type": "uniform", …}]`: MXNet's JSON, from which `createInitializer` makes an equal one. */
  dumps(): string {
    return toPythonJson([this.constructor.name.toLowerCase(), this.dumpedKwargs()]);
  }

  /** True for an initializer of the same class with the same arguments. */
  equals(other: Initializer): boolean {
    return (
      other.constructor === this.constructor && toPythonJson(this.dumpedKwargs()) === toPythonJson(other.dumpedKwargs())
    );
  }

  /** For messages: as `dumps`, or the name of the class where there is no JSON. */
  toString(): string {
    return this.dumps();
  }

  /** A verbose initializer says on stderr what it did, with a statistic: by default the L2 norm / sqrt(size). */
  setVerbosity(verbose = false, printFunction: PrintFunction = rootMeanSquare): this {
    this.#print = verbose ? printFunction : null;
    return this;
  }

  protected dumpedKwargs(): PythonValue {
    return this.kwargs;
  }

  /** What `apply` does to an array without an initializer of its own: what the ending of its name asks for. */
  initByName(desc: InitDesc | string, array: NDArray): void {
    const named = desc instanceof InitDesc ? ruleForName(desc.name) : ruleForPlainName(desc);
    if (!named) throw unknownPattern(desc);
    this.#follow(named, desc, array);
    this.#report(desc, named.label, array);
  }

  #follow({ rule }: NamedRule, desc: InitDesc | string, array: NDArray): void {
    switch (rule) {
      case 'weight':
        this.initWeight(desc, array);
        return;
      case 'zero':
        fillWith(array, 0);
        return;
      case 'one':
        fillWith(array, 1);
        return;
      case 'quantized weight':
        fillQuantized(array);
        return;
      case 'bilinear':
        fillBilinear(desc, array);
        return;
      case 'identity transform':
        fillIdentityTransform(desc, array);
        return;
    }
  }

  #report(desc: InitDesc | string, as: string, array: NDArray): void {
    this.#print?.(array).then(
      (statistic) => process.stderr.write(`Initialized ${desc} as ${as}: ${statistic}\n`),
      (cause: unknown) => process.stderr.write(`Initialized ${desc} as ${as}, but: ${cause}\n`),
    );
  }
}

async function rootMeanSquare(array: NDArray): Promise<string> {
  const norm = await array.norm();
  return norm === null ? 'complex' : String(norm / Math.sqrt(array.size));
}

/** The affine transform of a spatial transformer that moves nothing. @throws ShapeMismatchError */
function fillIdentityTransform(desc: InitDesc | string, array: NDArray): void {
  if (array.shape[0] !== 6) {
    throw new ShapeMismatchError(
      `The bias ${desc} of a spatial transformer's localization has 6 values, got shape ${formatShape(array.shape)}.`,
    );
  }
  fillFrom(desc, array, [1, 0, 0, 0, 1, 0]);
}

function assertArguments(desc: InitDesc | string, array: NDArray): void {
  if (!(desc instanceof InitDesc) && typeof desc !== 'string') {
    throw new InvalidArgumentError(`name must be string or an InitDesc, got ${typeof desc}.`);
  }
  if (!(array instanceof NDArray)) throw new InvalidArgumentError(`arr must be NDArray, got ${typeof array}.`);
}

function unknownPattern(desc: InitDesc | string): InvalidArgumentError {
  return new InvalidArgumentError(
    `Unknown initialization pattern for ${desc}. Default initialization is now limited to "weight", "bias", "gamma" (1.0), and "beta" (0.0). Name the array so that it ends in one of them, or give it an initializer of its own.`,
  );
}
