import { parseLogicalGpus } from '../core/device/settings.ts';
import { InvalidArgumentError } from '../core/errors.ts';
import { type OptionTypes, type ParsedCommand, value } from './arguments.ts';
import { UsageError } from './usage.ts';

export const LOGICAL_GPUS_OPTION: OptionTypes = { 'logical-gpus': 'string' };

/** What `--logical-gpus` says; undefined where it is not given, and the environment decides. */
export function logicalGpusOf(command: ParsedCommand): number | undefined {
  const text = value(command, 'logical-gpus');
  if (text === undefined) return undefined;
  try {
    return parseLogicalGpus(text, '--logical-gpus');
  } catch (error) {
    throw error instanceof InvalidArgumentError ? new UsageError(error.message) : error;
  }
}
