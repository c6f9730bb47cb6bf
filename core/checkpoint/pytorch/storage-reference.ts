import { PicklePersistent, type PickleValue } from '../pickle/values.ts';
import { storageDType } from './dtypes.ts';
import { globalName, integerValue, itemsOf, textOf } from './python-values.ts';
import type { StorageReference } from './tensor.ts';

type Fail = (problem: string) => never;

/**
 * What a persistent id says of a storage: `('storage', class, key, location, size)`, in legacy files with
 * the part of the storage that is meant as a sixth item (torch/serialization.py, `persistent_id`).
 * Undefined where the value is no reference at all.
 */
export function storageReference(value: PickleValue | undefined, fail: Fail): StorageReference | undefined {
  if (!(value instanceof PicklePersistent)) return undefined;
  const id = itemsOf(value.id);
  if (!id || textOf(id[0]) !== 'storage') return undefined;
  const [, cls, keyValue, location, sizeValue, viewValue] = id;
  const className = globalName(cls);
  const dtype = className === undefined ? undefined : storageDType(className);
  if (dtype === undefined) return fail(`a storage is of the unknown class ${className ?? '(none)'}`);
  const key = textOf(keyValue) ?? (typeof keyValue === 'number' ? String(keyValue) : undefined);
  const size = integerValue(sizeValue);
  if (key === undefined || size === undefined || size < 0) return fail('a reference to a storage is malformed');
  const view = viewOf(viewValue, size, fail);
  return { key, dtype, rootSize: size, location: textOf(location) ?? 'cpu', ...view };
}

function viewOf(value: PickleValue | undefined, rootSize: number, fail: Fail): { viewStart: number; size: number } {
  if (value === undefined || value === null) return { viewStart: 0, size: rootSize };
  const [, start, size] = itemsOf(value)?.map(integerValue) ?? [];
  if (start === undefined || size === undefined || start < 0 || size < 0 || start + size > rootSize) {
    return fail('a view of a storage reaches beyond it');
  }
  return { viewStart: start, size };
}
