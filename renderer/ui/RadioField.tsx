import { type ReactNode, useId } from 'react';

export interface RadioOption<T extends string> {
  readonly value: T;
  readonly label: string;
}

interface RadioFieldProps<T extends string> {
  readonly legend: string;
  readonly options: readonly RadioOption<T>[];
  /** Null while nothing is chosen. */
  readonly value: T | null;
  readonly onChange: (value: T) => void;
  readonly hint?: ReactNode;
}

/** One of several, all in view. */
export function RadioField<T extends string>({ legend, options, value, onChange, hint }: RadioFieldProps<T>) {
  const id = useId();
  return (
    <div className="field" role="radiogroup" aria-labelledby={`${id}-legend`}>
      <span id={`${id}-legend`} className="field-legend">
        {legend}
      </span>
      {options.map((option) => (
        <span key={option.value} className="checkbox">
          <input
            type="radio"
            id={`${id}-${option.value}`}
            name={id}
            checked={value === option.value}
            onChange={() => onChange(option.value)}
          />
          <label htmlFor={`${id}-${option.value}`}>{option.label}</label>
        </span>
      ))}
      {hint && <p className="hint">{hint}</p>}
    </div>
  );
}
