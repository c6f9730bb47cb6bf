import { createContext, useContext } from 'react';

/** What is wrong with one field of a form. */
export interface FieldProblem {
  /** The field's `name`. */
  readonly field: string;
  readonly message: string;
}

/** Thrown while a form is read, by what reads the field. */
export class FieldError extends Error {
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** Around the fields of a form: the one that is wrong says so beside itself. */
export const FieldProblemContext = createContext<FieldProblem | null>(null);

/** What is wrong with the field called `name`; null where nothing is. */
export function useFieldProblem(name: string | undefined): string | null {
  const problem = useContext(FieldProblemContext);
  return problem !== null && problem.field === name ? problem.message : null;
}
