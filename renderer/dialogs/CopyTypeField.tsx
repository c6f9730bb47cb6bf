import { useId } from 'react';
import { CAST_TARGETS } from './DTypeSelect.tsx';

/** The fields `dtype` and `shape` of a copy; what is replaced can lend its own. */
export function CopyTypeField({ replaces }: { readonly replaces: boolean }) {
  const id = useId();
  return (
    <>
      <div className="field">
        <label htmlFor={id}>Data type of the copies</label>
        <select id={id} name="dtype">
          <option value="source">As it is</option>
          {replaces && <option value="target">As the tensor that is replaced</option>}
          {CAST_TARGETS.map((dtype) => (
            <option key={dtype} className="mono">
              {dtype}
            </option>
          ))}
        </select>
      </div>
      {replaces && (
        <span className="checkbox">
          <input type="checkbox" id={`${id}-shape`} name="shape" />
          <label htmlFor={`${id}-shape`}>Reshape to the tensor that is replaced, where the sizes agree</label>
        </span>
      )}
    </>
  );
}
