import { execFileSync } from 'node:child_process';

export const PYTHON = process.env.PARASCOPE_PYTHON ?? 'python3';

/** Whether the Python that tests find (PARASCOPE_PYTHON, or python3 on the PATH) has all of `libraries`; says which are missing. */
export function pythonHas(...libraries: readonly string[]): boolean {
  const missing = libraries.filter((library) => !imports(library));
  if (missing.length > 0) console.warn(`Skipped: ${PYTHON} has no ${missing.join(', ')}.`);
  return missing.length === 0;
}

function imports(library: string): boolean {
  try {
    execFileSync(PYTHON, ['-c', `import ${library}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What a program prints, as JSON. */
export function runPython(program: string, ...args: readonly string[]): unknown {
  return JSON.parse(execFileSync(PYTHON, ['-c', program, ...args], { encoding: 'utf8' }));
}
