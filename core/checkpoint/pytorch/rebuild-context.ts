import { PickleGlobal, PickleObject, PickleString, type PickleValue } from '../pickle/values.ts';
import { argsOf, globalName, pairsOf, textOf, valueOfKey } from './python-values.ts';
import { NO_FLAGS, type StorageReference, type TensorFlags, type TensorValue } from './tensor.ts';

export interface RebuildContext {
  fail(problem: string): never;
  tensor(value: PickleValue | undefined): TensorValue | undefined;
  storage(value: PickleValue | undefined): StorageReference | undefined;
}

export type Rebuilder = (args: readonly PickleValue[], context: RebuildContext) => TensorValue | undefined;

export function flagsOf(requiresGrad: PickleValue | undefined, metadata?: PickleValue): TensorFlags {
  const pairs = pairsOf(metadata) ?? [];
  return {
    ...NO_FLAGS,
    requiresGrad: requiresGrad === true,
    conjugated: valueOfKey(pairs, 'conj') === true,
    negated: valueOfKey(pairs, 'neg') === true,
  };
}

/** `torch.sparse_csr`, which torch writes as a call of `torch.serialization._get_layout`. */
export function layoutName(value: PickleValue | undefined): string | undefined {
  if (value instanceof PickleGlobal) return value.name;
  if (value instanceof PickleString) return textOf(value)?.replace('torch.', '');
  if (!(value instanceof PickleObject)) return undefined;
  return globalName(value.callable) === 'torch.serialization._get_layout' ? layoutName(argsOf(value)[0]) : undefined;
}
