import { type InputHTMLAttributes, type ReactNode, useId } from 'react';
import { useFieldProblem } from './field-problem.ts';

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  readonly label: string;
  readonly hint?: ReactNode;
}

/** A labelled text box with what is wrong with it, and an explanation, below it. */
export function Field({ label, hint, ...input }: FieldProps) {
  const id = useId();
  const problem = useFieldProblem(input.name);
  const described = [...(problem === null ? [] : [`${id}-problem`]), ...(hint ? [`${id}-hint`] : [])].join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="text"
        autoComplete="off"
        spellCheck={false}
        aria-invalid={problem !== null}
        {...(described !== '' ? { 'aria-describedby': described } : {})}
        {...input}
      />
      {problem !== null && (
        <output className="hint warning" id={`${id}-problem`}>
          {problem}
        </output>
      )}
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
