import type { z } from 'zod';
import { InvalidArgumentError } from '../errors.ts';

export type KwargValue = number | bigint | string | boolean | null | readonly KwargValue[];

/** The constructor's arguments by MXNet's names, in the constructor's order: what `dumps` writes. */
export type Kwargs = Readonly<Record<string, KwargValue>>;

/** What came out of JSON, to be parsed. */
export type RawKwargs = Readonly<Record<string, unknown>>;

/** @throws InvalidArgumentError that names the initializer and the first argument that does not fit. */
export function parseKwargs<T>(initializer: string, schema: z.ZodType<T>, kwargs: RawKwargs): T {
  const parsed = schema.safeParse(kwargs);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? ` ${issue.path.join('.')}` : '';
  throw new InvalidArgumentError(
    `Bad argument${where} of the initializer ${initializer}: ${issue?.message ?? 'unknown'}.`,
  );
}
