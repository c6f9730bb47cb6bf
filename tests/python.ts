import { spawnSync } from 'node:child_process';

const PYTHON = process.env.PARASCOPE_PYTHON ?? 'python3';

/** Runs a script with arguments and gives its output, which is JSON. */
export type RunPython = (script: string, ...parameters: readonly string[]) => unknown;

/**
 * A Python that has `libraries`; null where there is none, which is said once. Independent readers look at
 * what we write with it: `PARASCOPE_PYTHON`, else the `python3` of the path.
 */
export function pythonWith(...libraries: readonly string[]): RunPython | null {
  const probe = spawnSync(PYTHON, ['-c', `import ${libraries.join(', ')}`], { encoding: 'utf8' });
  if (probe.status !== 0) {
    process.stderr.write(`*** Skipped: what Python with ${libraries.join(', ')} reads (${PYTHON} has not all). ***\n`);
    return null;
  }
  return (script, ...parameters) => {
    const run = spawnSync(PYTHON, ['-c', script, ...parameters], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    if (run.status !== 0) throw new Error(run.stderr);
    return JSON.parse(run.stdout);
  };
}
