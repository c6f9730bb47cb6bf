import { stringOf } from '../../device/attributes.ts';
import type { Attributes } from '../../device/protocol.ts';
import { InvalidArgumentError } from '../../errors.ts';
import { STORAGE_TYPES, type StorageType } from '../../ndarray/storage-type.ts';
import { sameDType } from './dtypes.ts';
import { defineOperator } from './registry.ts';
import { sameShape } from './shapes.ts';

/** The same values in the storage type of the attribute `stype`; the gradient passes through as it is. */
defineOperator({
  name: 'cast_storage',
  inputs: ['data'],
  inferShape: sameShape,
  inferDType: sameDType,
  compose: ([data], attributes) => {
    if (!data) throw new InvalidArgumentError('cast_storage takes an array.');
    return data.toStype(stypeOf(attributes));
  },
  gradient: ({ head }) => [head],
});

function stypeOf(attributes: Attributes): StorageType {
  const name = stringOf(attributes, 'stype');
  const stype = STORAGE_TYPES.find((type) => type === name);
  if (stype) return stype;
  throw new InvalidArgumentError(
    `There is no storage type called ${JSON.stringify(name)}: there are ${STORAGE_TYPES.join(', ')}.`,
  );
}
