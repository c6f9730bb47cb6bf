import { InvalidArgumentError } from '../../errors.ts';

/** A piece of the query's text, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What is wrong with a query, and where: `details` holds the span for whoever marks it in the text. */
export function queryError(message: string, { start, end }: Span): InvalidArgumentError {
  return new InvalidArgumentError(`${message} (character ${start + 1} of the query)`, { start, end });
}
