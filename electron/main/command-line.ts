import { resolve } from 'node:path';

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
