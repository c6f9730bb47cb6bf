import { InvalidStateError } from '../errors.ts';
import { createInitializer, type InitializerSpec } from '../initializer/index.ts';
import { type Symbol as GraphSymbol, variable } from '../symbol/symbol.ts';
import type { Parameter } from './parameter.ts';

/** P-152, P-153: named after the uuid, since names may be shared; with what is known of the Parameter now. */
export function variableOf(parameter: Parameter): GraphSymbol {
  const { uuid, name, shape, dtype, lrMult, wdMult, init, stype } = parameter;
  return variable(`${uuid.replaceAll('-', '_')}_${name}`, {
    shape,
    dtype,
    lrMult,
    wdMult,
    stype,
    init: init === null ? null : printed(init),
  });
}

/** Null for what has no JSON (Mixed, Load, the values of an array on a device): the graph does without the attribute. */
function printed(init: InitializerSpec): string | null {
  if (typeof init === 'string') return init;
  try {
    return createInitializer(init).dumps();
  } catch (error) {
    if (error instanceof InvalidStateError) return null;
    throw error;
  }
}
