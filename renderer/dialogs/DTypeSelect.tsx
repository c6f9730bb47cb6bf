import { useId } from 'react';
import type { DType } from '../contract.ts';

/** Targets of a cast, most wanted first; the host says which of them a tensor can become. */
export const CAST_TARGETS: readonly DType[] = [
  'bfloat16',
  'float16',
  'float32',
  'float64',
  'float8_e4m3fn',
  'float8_e5m2',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
  'complex64',
];

/** The field `dtype` of a form. */
export function DTypeSelect({ targets = CAST_TARGETS }: { readonly targets?: readonly DType[] }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>New data type</label>
      <select id={id} name="dtype" className="mono" aria-describedby={`${id}-hint`} data-autofocus>
        {targets.map((dtype) => (
          <option key={dtype}>{dtype}</option>
        ))}
      </select>
      <p className="hint" id={`${id}-hint`}>
        Floats round to nearest, ties to even. Floats to integers truncate and saturate.
      </p>
    </div>
  );
}

export function chosenDType(form: FormData, targets: readonly DType[] = CAST_TARGETS): DType {
  const dtype = targets.find((target) => target === form.get('dtype'));
  if (!dtype) throw new Error('Choose a data type.');
  return dtype;
}
