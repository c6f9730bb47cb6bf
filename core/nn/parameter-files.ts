import { cpu, currentDevice, type Device } from '../device/device.ts';
import type { NDArray } from '../device/nd-array.ts';
import { arrayFromStored, save } from '../device/nd-files.ts';
import { deserializeError, InvalidArgumentError, ParascopeError } from '../errors.ts';
import { readArrayFile } from '../ndarray/array-file.ts';
import type { Parameter } from '../parameter/parameter.ts';
import { briefNames, type ParameterDict } from '../parameter/parameter-dict.ts';

export interface SaveParametersOptions {
  /** A Parameter that several paths lead to is written once, under the last of them. */
  readonly deduplicate?: boolean;
}

export interface LoadParametersOptions {
  /** Where the values go. A Parameter that is somewhere already can only stay there (P-232, P-233). */
  readonly device?: Device | readonly Device[] | null;
  /** Parameters that the file lacks stay as they are. */
  readonly allowMissing?: boolean;
  /** Names that lead to no Parameter are passed over. */
  readonly ignoreExtra?: boolean;
  /** Another dtype in the file is cast; without it, it is an error. */
  readonly castDtype?: boolean;
  /** Which dtype wins when casting: the Parameter's, or the file's. */
  readonly dtypeSource?: 'current' | 'saved';
}

/** Arrays by name, as `nd.load` returns them. */
export type ArraysByName = ReadonlyMap<string, NDArray> | Readonly<Record<string, NDArray>>;

/** What is loaded by name, and where it comes from, for messages. */
interface Loaded<T> {
  readonly items: ReadonlyMap<string, T>;
  readonly origin: string;
}

interface Match<T> {
  readonly name: string;
  readonly item: T;
  readonly parameter: Parameter;
}

/** As `Block.saveParameters`: what the Parameters hold when this is called is what is written. */
export async function saveParameters(
  parameters: ParameterDict,
  path: string,
  { deduplicate = false }: SaveParametersOptions,
): Promise<void> {
  const arrays: Record<string, NDArray> = {};
  try {
    for (const [name, parameter] of deduplicate ? lastPathOfEach(parameters) : parameters) {
      arrays[name] = parameter.reduce();
    }
    await save(path, arrays);
  } finally {
    for (const array of Object.values(arrays)) array.dispose();
  }
}

/** As `Block.loadParameters`. One array after the other is read, so that memory stays bounded. */
export async function loadParameters(
  parameters: ParameterDict,
  path: string,
  options: LoadParametersOptions,
): Promise<void> {
  const { names, arrays } = await readArrayFile(path);
  if (arrays.length === 0) return;
  if (names === null) {
    throw new InvalidArgumentError(
      `'file: ${path}' holds a list of arrays without names: Parameters are loaded by name.`,
    );
  }
  const items = new Map(arrays.map((array, index) => [withoutPrefix(names[index] ?? ''), array]));
  for (const { name, item, parameter } of matches(parameters, { items, origin: `file: ${path}` }, options)) {
    const array = await arrayFromStored(item, { device: cpu() });
    try {
      await loadOne(parameter, { name, array }, options);
    } finally {
      array.dispose();
    }
  }
}

/** As `Block.loadDict`. */
export async function loadDict(
  parameters: ParameterDict,
  arrays: ArraysByName,
  options: LoadParametersOptions,
): Promise<void> {
  const entries = arrays instanceof Map ? [...arrays] : Object.entries(arrays);
  const items = new Map(entries.map(([name, array]) => [withoutPrefix(name), array]));
  for (const { name, item, parameter } of matches(parameters, { items, origin: 'param_dict' }, options)) {
    await loadOne(parameter, { name, array: item }, options);
  }
}

/** Without a device, where the Parameter is; where it is nowhere, on the current one (decision on P-284). */
async function loadOne(
  parameter: Parameter,
  { name, array }: { readonly name: string; readonly array: NDArray },
  options: LoadParametersOptions,
): Promise<void> {
  const { device = null, castDtype = false, dtypeSource = 'current' } = options;
  const home = parameter.status === 'uninitialized' ? currentDevice() : null;
  try {
    await parameter.loadInit(array, device ?? home, { castDtype, dtypeSource });
  } catch (error) {
    throw located(name, error);
  }
}

/** A Parameter only knows its own name, which many layers share. */
function located(path: string, error: unknown): unknown {
  if (!(error instanceof ParascopeError)) return error;
  return deserializeError({ ...error.toJSON(), message: `'${path}' was not loaded. ${error.message}` });
}

/** What goes into which Parameter, in the order of the file (B-010). @throws InvalidArgumentError (P-283) */
function matches<T>(
  parameters: ParameterDict,
  loaded: Loaded<T>,
  { allowMissing = false, ignoreExtra = false }: LoadParametersOptions,
): readonly Match<T>[] {
  if (!allowMissing) assertNoneMissing(parameters, loaded);
  return [...loaded.items].flatMap(([name, item]) => {
    if (parameters.has(name)) return [{ name, item, parameter: parameters.get(name) }];
    if (ignoreExtra) return [];
    throw extra(name, loaded.origin, parameters);
  });
}

/** A shared Parameter is there if one of its paths is. */
function assertNoneMissing<T>(parameters: ParameterDict, { items, origin }: Loaded<T>): void {
  const found = new Set([...parameters].filter(([name]) => items.has(name)).map(([, parameter]) => parameter));
  for (const [name, parameter] of parameters) {
    if (found.has(parameter)) continue;
    throw new InvalidArgumentError(
      `Parameter '${name}' is missing in '${origin}', which contains parameters: ${briefNames([...items.keys()])}. Set allowMissing to ignore missing parameters.`,
      { parameter: name },
    );
  }
}

function extra(name: string, origin: string, parameters: ParameterDict): InvalidArgumentError {
  return new InvalidArgumentError(
    `Parameter '${name}' loaded from '${origin}' is not present in Dict, which contains parameters ${briefNames([...parameters.keys()])}. Set ignoreExtra to ignore.`,
    { parameter: name },
  );
}

/** MXNet's Module marks arguments and auxiliary states so. */
function withoutPrefix(name: string): string {
  return name.replace(/^(arg|aux):/, '');
}

/** P-282: the place of its first path, the name of its last. */
function lastPathOfEach(parameters: ParameterDict): readonly (readonly [string, Parameter])[] {
  const paths = new Map([...parameters].map(([path, parameter]) => [parameter, path]));
  return [...paths].map(([parameter, path]) => [path, parameter]);
}
