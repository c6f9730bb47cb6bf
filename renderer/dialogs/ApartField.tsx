import type { Edit } from '../contract.ts';
import { plural } from '../format/numbers.ts';
import { CheckField } from '../ui/CheckField.tsx';

interface ApartFieldProps {
  /** Tensors that are tied to those that the edit changes. */
  readonly tied: readonly string[];
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

/** Tied weights change together unless the user says otherwise. Nothing where none is concerned. */
export function ApartField({ tied, checked, onChange }: ApartFieldProps) {
  const [first] = tied;
  if (first === undefined) return null;
  const which = tied.length === 1 ? <span className="mono">{first}</span> : plural(tied.length, 'other tensor');
  return (
    <CheckField
      label="Untie: change only the chosen tensors"
      checked={checked}
      onChange={onChange}
      hint={
        <>
          Tied to {which}: they are the same elements, and change together. Untied, the chosen tensors get elements of
          their own.
        </>
      }
    />
  );
}

/** The edit, of the named tensors alone where they are tied to others. */
export function madeApart(edit: Edit): Edit {
  switch (edit.kind) {
    case 'set':
    case 'fill':
    case 'scale':
    case 'cast':
    case 'copy':
    case 'reinitialize':
    case 'compute':
    case 'reshape':
    case 'transpose':
    case 'slice':
      return { ...edit, apart: true };
    default:
      return edit;
  }
}
