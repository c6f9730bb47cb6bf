import { InvalidArgumentError } from '../errors.ts';
import { warnings } from '../warnings.ts';
import type { Initializer } from './initializer.ts';
import type { RawKwargs } from './kwargs.ts';
import { parsePythonJson } from './python-json.ts';

/** Marks instances of `Initializer`: the registry cannot import the class, which uses the registry. */
export const INITIALIZER: unique symbol = Symbol.for('parascope.initializer');

/** A name with its arguments, as MXNet's registry takes them. */
export interface InitializerConfig {
  readonly initializer: string;
  readonly [argument: string]: unknown;
}

/** An instance, a registered name in any case, the JSON of `dumps()`, or a config. */
export type InitializerSpec = Initializer | string | InitializerConfig;

/**
 * A class of initializers. `fromKwargs` makes one from the arguments in MXNet's names that JSON holds;
 * a class without one of its own gets them as the only argument of its constructor.
 */
export interface InitializerClass {
  readonly name: string;
  readonly prototype: Initializer;
  new (...args: never[]): Initializer;
  fromKwargs?(kwargs: RawKwargs): Initializer;
}

const classes = new Map<string, InitializerClass>();

/**
 * Makes a class known by its own name in lower case, and returns it. A name that is taken is
 * overridden, with a warning.
 *
 * @throws InvalidArgumentError for what is no subclass of `Initializer`.
 */
export function register<T extends InitializerClass>(type: T): T {
  assertClass(type);
  return registerAs(type.name, type);
}

/** Returns the function that makes a class known by `names`, but not by its own. */
export function alias(...names: readonly string[]): <T extends InitializerClass>(type: T) => T {
  return (type) => {
    assertClass(type);
    for (const name of names) registerAs(name, type);
    return type;
  };
}

/**
 * The initializer that `spec` stands for. `args` go to the constructor where `spec` is a name.
 *
 * @throws InvalidArgumentError for names that are not registered, arguments that do not fit, and anything else.
 */
export function createInitializer(spec: InitializerSpec, ...args: readonly unknown[]): Initializer {
  if (isInitializer(spec)) {
    if (args.length === 0) return spec;
    throw new InvalidArgumentError('initializer is already an instance. Additional arguments are invalid.');
  }
  if (isConfig(spec)) {
    assertNoMore(args);
    const { initializer, ...kwargs } = spec;
    return fromKwargs(initializer, kwargs);
  }
  if (typeof spec !== 'string') {
    throw new InvalidArgumentError(`initializer must be of string type or an Initializer, got ${describe(spec)}.`);
  }
  if (/^[[{]/.test(spec)) {
    assertNoMore(args);
    return fromJson(spec);
  }
  return construct(classNamed(spec), args);
}

export function isInitializer(value: unknown): value is Initializer {
  return typeof value === 'object' && value !== null && INITIALIZER in value;
}

function registerAs<T extends InitializerClass>(name: string, type: T): T {
  const key = name.toLowerCase();
  const taken = classes.get(key);
  if (taken) {
    warnings.emit(
      'UserWarning',
      `New initializer ${type.name} registered with name ${key} is overriding existing initializer ${taken.name}.`,
    );
  }
  classes.set(key, type);
  return type;
}

function assertClass(type: unknown): void {
  if (typeof type === 'function' && INITIALIZER in (type.prototype ?? {})) return;
  throw new InvalidArgumentError('Can only register subclass of Initializer.');
}

function fromJson(json: string): Initializer {
  const parsed = parsePythonJson(json);
  if (isConfig(parsed)) return createInitializer(parsed);
  if (Array.isArray(parsed) && parsed.length === 2) {
    const [name, kwargs]: readonly unknown[] = parsed;
    if (typeof name === 'string' && isRecord(kwargs)) return fromKwargs(name, kwargs);
  }
  throw new InvalidArgumentError(`An initializer in JSON is ["name", {arguments}], got ${json}.`);
}

function fromKwargs(name: string, kwargs: RawKwargs): Initializer {
  const type = classNamed(name);
  // An inherited one would make an instance of the parent.
  if (type.fromKwargs && Object.hasOwn(type, 'fromKwargs')) return type.fromKwargs(kwargs);
  return construct(type, Object.keys(kwargs).length === 0 ? [] : [kwargs]);
}

function construct(type: InitializerClass, args: readonly unknown[]): Initializer {
  return Reflect.construct(type, args);
}

function classNamed(name: string): InitializerClass {
  const type = classes.get(name.toLowerCase());
  if (type) return type;
  throw new InvalidArgumentError(
    `${name.toLowerCase()} is not registered. Please register with initializer.register first. Registered are ${[...classes.keys()].sort().join(', ')}.`,
  );
}

function assertNoMore(args: readonly unknown[]): void {
  if (args.length === 0) return;
  throw new InvalidArgumentError('initializer holds its arguments already. Additional arguments are invalid.');
}

function isRecord(value: unknown): value is RawKwargs {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isConfig(value: unknown): value is InitializerConfig {
  return isRecord(value) && typeof value.initializer === 'string';
}

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
