import { type Device, formatDevices } from '../device/device.ts';
import { DeviceMismatchError, InvalidArgumentError } from '../errors.ts';
import { Parameter } from '../parameter/parameter.ts';

/** A list is taken in its order; a ParameterDict, a Map or an object in the order of its sorted names (T-002). */
export type TrainedParameters =
  | readonly Parameter[]
  | Iterable<readonly [string, Parameter]>
  | Readonly<Record<string, Parameter>>;

/** Each Parameter once, in the order of its first place (T-003). @throws InvalidArgumentError (T-002) */
export function distinctParameters(parameters: TrainedParameters): readonly Parameter[] {
  const seen = new Map<string, Parameter>();
  for (const parameter of listOf(parameters)) {
    if (!(parameter instanceof Parameter)) {
      throw new InvalidArgumentError(
        `First argument must be a list or dict of Parameters, got list of ${typeName(parameter)}.`,
      );
    }
    if (!seen.has(parameter.uuid)) seen.set(parameter.uuid, parameter);
  }
  if (seen.size === 0) throw new InvalidArgumentError('A Trainer needs at least one Parameter.');
  return [...seen.values()];
}

/** The devices of all of them (T-005). @throws NotInitializedError, DeviceMismatchError where lists differ, order included. */
export function commonDevices(parameters: readonly Parameter[]): readonly Device[] {
  let common: readonly Device[] | null = null;
  for (const parameter of parameters) {
    const devices = parameter.listDevice();
    if (common && formatDevices(devices) !== formatDevices(common)) {
      throw new DeviceMismatchError(
        `All Parameters must be initialized on the same set of devices, but Parameter '${parameter.name}' is on ${formatDevices(devices)} and the Parameters before it are on ${formatDevices(common)}.`,
        { parameter: parameter.name },
      );
    }
    common = devices;
  }
  return common ?? [];
}

function listOf(parameters: TrainedParameters): readonly Parameter[] {
  if (Array.isArray(parameters)) return parameters;
  if (parameters instanceof Parameter || typeof parameters !== 'object' || parameters === null) {
    throw new InvalidArgumentError(`First argument must be a list or dict of Parameters, got ${typeName(parameters)}.`);
  }
  const entries = isIterable(parameters) ? [...parameters] : Object.entries(parameters);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, parameter]) => parameter);
}

function isIterable(parameters: TrainedParameters): parameters is Iterable<readonly [string, Parameter]> {
  return Symbol.iterator in parameters;
}

function typeName(value: unknown): string {
  return value === null ? 'null' : typeof value === 'object' ? value.constructor.name : typeof value;
}
