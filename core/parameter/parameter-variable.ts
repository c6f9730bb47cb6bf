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

function printed(init: InitializerSpec): string {
  return typeof init === 'string' ? init : createInitializer(init).dumps();
}
