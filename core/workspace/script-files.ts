import { dirname, relative, resolve } from 'node:path';
import { z } from 'zod';
import { InvalidArgumentError } from '../errors.ts';
import { type EditScript, SCRIPT_VERSION, scriptSchema } from './edit-script.ts';
import { mapPlaces } from './edit-sources.ts';
import type { Edit, EditRequest } from './edits.ts';

/**
 * The script of `edits`. Files that they name are named relative to `folder`, so that nothing says where they
 * lie, and without their state: a script is for other files than those that it was made with.
 */
export function scriptOf(edits: readonly Edit[], folder: string): EditScript {
  const exported = edits.map((edit) =>
    mapPlaces(edit, ({ file }) => (file === undefined ? {} : { file: relative(folder, file) })),
  );
  return { parascopeEdits: SCRIPT_VERSION, edits: exported };
}

/**
 * The edits in the text of a script at `path`: files that it names are looked for beside it.
 *
 * @throws InvalidArgumentError naming what is wrong.
 */
export function parseScript(text: string, path: string): readonly EditRequest[] {
  const parsed = scriptSchema.safeParse(jsonOf(text, path));
  if (!parsed.success) {
    throw new InvalidArgumentError(`${path} is no script of edits: ${z.prettifyError(parsed.error)}`, { path });
  }
  const folder = dirname(resolve(path));
  return parsed.data.edits.map((edit) =>
    mapPlaces(edit, ({ file, stamp }) => (file === undefined ? { stamp } : { file: resolve(folder, file), stamp })),
  );
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`${path} is no JSON: ${error instanceof Error ? error.message : String(error)}.`, {
      path,
    });
  }
}
