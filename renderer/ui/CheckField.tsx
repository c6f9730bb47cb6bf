import { type ReactNode, useId } from 'react';

interface CheckFieldProps {
  readonly label: string;
  readonly name?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly hint?: ReactNode;
}

/** A labelled yes or no with an explanation below it. */
export function CheckField({ label, name, checked, onChange, hint }: CheckFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <span className="checkbox">
        <input
          type="checkbox"
          id={id}
          name={name}
          checked={checked}
          onChange={(event) => onChange(event.target.checked)}
          {...(hint ? { 'aria-describedby': `${id}-hint` } : {})}
        />
        <label htmlFor={id}>{label}</label>
      </span>
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
