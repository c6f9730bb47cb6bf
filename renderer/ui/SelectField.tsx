import { type ReactNode, useId } from 'react';

interface SelectFieldProps<T extends string> {
  readonly label: string;
  readonly name: string;
  readonly options: readonly T[];
  /** With `onChange`: what is chosen. */
  readonly value?: T;
  readonly onChange?: (value: T) => void;
  /** Without: what is chosen to begin with. */
  readonly initial?: T;
  readonly hint?: ReactNode;
}

/** A labelled choice of several words with an explanation below it. */
export function SelectField<T extends string>(props: SelectFieldProps<T>) {
  const { label, name, options, value, onChange, initial, hint } = props;
  const id = useId();
  const choose = (text: string): void => {
    const chosen = options.find((option) => option === text);
    if (chosen !== undefined) onChange?.(chosen);
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        name={name}
        className="mono"
        {...(onChange ? { value, onChange: (event) => choose(event.target.value) } : { defaultValue: initial })}
        {...(hint ? { 'aria-describedby': `${id}-hint` } : {})}
      >
        {options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
