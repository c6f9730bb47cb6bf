import { useId } from 'react';
import { type NumberDraftOptions, useNumberDraft } from './use-number-draft.ts';

interface NumberFieldProps extends NumberDraftOptions {
  /** Whether the label is only told, where what stands beside the field says enough. */
  readonly isLabelHidden?: boolean;
  readonly placeholder?: string;
  readonly disabled?: boolean;
}

/** A number on one line with others, taken over with Enter or when the field is left, put back with Escape. */
export function NumberField({ isLabelHidden = false, placeholder, disabled, ...options }: NumberFieldProps) {
  const id = useId();
  const { problem, ...draft } = useNumberDraft(options);
  return (
    <span className="number-field">
      <label className="inline-field">
        {!isLabelHidden && <span>{options.label}</span>}
        <input
          type="text"
          inputMode="decimal"
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
          disabled={disabled}
          {...(isLabelHidden && { 'aria-label': options.label })}
          aria-invalid={problem !== null}
          {...(problem !== null && { 'aria-describedby': id })}
          {...draft}
        />
      </label>
      {problem !== null && (
        <span role="alert" className="hint warning" id={id}>
          {problem}
        </span>
      )}
    </span>
  );
}
