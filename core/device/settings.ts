import { z } from 'zod';
import { InvalidArgumentError } from '../errors.ts';

/** More would only cut the memory of one adapter into smaller parts. */
const MOST_LOGICAL_GPUS = 16;

const LOGICAL_GPUS = z.coerce.number().int().min(1).max(MOST_LOGICAL_GPUS);

/** The number in `text`, which `source` names in the message. @throws InvalidArgumentError */
export function parseLogicalGpus(text: string, source: string): number {
  const parsed = LOGICAL_GPUS.safeParse(text.trim() === '' ? Number.NaN : text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(
    `${source} takes the number of logical devices for each GPU, 1 to ${MOST_LOGICAL_GPUS}, got ${JSON.stringify(text)}.`,
  );
}

/** Logical devices for each GPU adapter: the environment's PARASCOPE_LOGICAL_GPUS, else 1. @throws InvalidArgumentError */
export function logicalGpus(): number {
  const text = process.env.PARASCOPE_LOGICAL_GPUS;
  return text ? parseLogicalGpus(text, 'PARASCOPE_LOGICAL_GPUS') : 1;
}
