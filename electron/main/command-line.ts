import { resolve } from 'node:path';
import { parseLogicalGpus } from '../../core/device/settings.ts';

/**
 * The files named on a command line of the program: `electron . FILE…` while developing, `parascope
 * FILE…` once packaged. Switches are Chromium's and Electron's own.
 */
export function filesOf(argv: readonly string[], { packaged, cwd }: { packaged: boolean; cwd: string }): string[] {
  return argv
    .slice(packaged ? 1 : 2)
    .filter((word) => !word.startsWith('-'))
    .map((word) => resolve(cwd, word));
}

const LOGICAL_GPUS = '--logical-gpus=';

/**
 * Logical devices for each GPU adapter, where `--logical-gpus=N` says; else the environment's word or 1.
 *
 * @throws InvalidArgumentError
 */
export function logicalGpusOf(argv: readonly string[]): number | undefined {
  const word = argv.findLast((candidate) => candidate.startsWith(LOGICAL_GPUS));
  return word === undefined ? undefined : parseLogicalGpus(word.slice(LOGICAL_GPUS.length), '--logical-gpus');
}
