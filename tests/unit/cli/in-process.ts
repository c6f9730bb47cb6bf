import { afterEach, beforeEach, expect, type MockInstance, vi } from 'vitest';
import { parseCommand } from '../../../cli/arguments.ts';
import type { Command } from '../../../cli/command.ts';
import type { ExpectedTensor } from '../../fixtures/catalog.ts';

interface CommandsInProcess {
  /** What a command prints with `--json`. */
  readonly printed: <T>(command: Command, path: string) => Promise<T>;
  /** What the last command printed. */
  readonly output: () => string;
}

/** Runs commands in this process, for a process per fixture would take minutes; the tests of the file print nothing else. */
export function commandsInProcess(): CommandsInProcess {
  let stdout: MockInstance<typeof process.stdout.write>;
  beforeEach(() => {
    stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  });
  afterEach(() => stdout.mockRestore());
  const output = (): string => stdout.mock.calls.map(([text]) => String(text)).join('');
  return {
    output,
    printed: async (command, path) => {
      stdout.mockClear();
      expect(await command.run(parseCommand([path, '--json'], command.options), { json: true, version: '' })).toBe(0);
      return JSON.parse(output());
    },
  };
}

const COUNTS = ['count', 'zeros', 'nans', 'infs'];
const MEASURES = ['min', 'max', 'mean', 'std', 'l2'];

/** Where the statistics of a tensor are not those of its fixture: counts exactly, measures to `tolerance`, relative. */
export function differences(
  { name, stats: wanted = {} }: ExpectedTensor,
  found: Record<string, unknown>,
  tolerance: number,
): string[] {
  const measures = wanted.float64_overflow ? [] : MEASURES.filter((key) => key in wanted);
  return [
    ...COUNTS.filter((key) => key in wanted && found[key] !== wanted[key]),
    ...measures.filter((key) => !isNear(found[key], wanted[key], tolerance)),
  ].map((key) => `${name}: ${key} is ${String(found[key])}, not ${String(wanted[key])}`);
}

function isNear(found: unknown, wanted: unknown, tolerance: number): boolean {
  if (wanted === null) return found === null;
  const room = tolerance * Math.max(Math.abs(Number(wanted)), 1e-30);
  return typeof found === 'number' && Math.abs(found - Number(wanted)) <= room;
}
