import { type KeyboardEvent, useId, useState } from 'react';

interface NumberFieldProps {
  readonly label: string;
  /** Null where the field is left empty. */
  readonly value: number | null;
  readonly placeholder?: string;
  /** Why a number, or none, will not do; null where it does. */
  readonly problemOf: (value: number | null) => string | null;
  readonly onCommit: (value: number | null) => void;
}

/** A number on one line with others, taken over with Enter or when the field is left. */
export function NumberField({ label, value, placeholder, problemOf, onCommit }: NumberFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const id = useId();
  const problem = typed === null ? null : problemWith(typed, problemOf);
  const commit = (): void => {
    if (typed === null || problem !== null) return;
    setTyped(null);
    onCommit(numberIn(typed));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') commit();
    else if (event.key === 'Escape') setTyped(null);
  };
  return (
    <span className="number-field">
      <label className="inline-field">
        <span>{label}</span>
        <input
          type="text"
          inputMode="decimal"
          autoComplete="off"
          spellCheck={false}
          value={typed ?? (value === null ? '' : String(value))}
          placeholder={placeholder}
          aria-invalid={problem !== null}
          {...(problem !== null && { 'aria-describedby': id })}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={commit}
          onKeyDown={onKeyDown}
        />
      </label>
      {problem !== null && (
        <output className="hint warning" id={id}>
          {problem}
        </output>
      )}
    </span>
  );
}

function numberIn(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}

function problemWith(text: string, problemOf: NumberFieldProps['problemOf']): string | null {
  const number = numberIn(text);
  if (number !== null && !Number.isFinite(number)) return 'Not a number.';
  return problemOf(number);
}
