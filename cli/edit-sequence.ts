import { readFileSync } from 'node:fs';
import type { EditRequest, SelectEdit, SingleEdit } from '../core/workspace/edits.ts';
import { canBeApart, isSelecting } from '../core/workspace/edits.ts';
import { parseScript } from '../core/workspace/script-files.ts';
import type { OptionTypes, ParsedCommand } from './arguments.ts';
import { isOperation, OPERATION_OPTIONS, parseOperation } from './edit-operations.ts';
import { UsageError } from './usage.ts';

/** Everything of a command line that edits, in its order. */
export const EDIT_OPTIONS = { ...OPERATION_OPTIONS, script: 'string', select: 'string' } as const satisfies OptionTypes;

/** Ends a selection. */
const ALL = '*';

/** The edits that the options of a command line ask for, in their order. Throws `UsageError`. */
export function parseEdits(command: ParsedCommand): EditRequest[] {
  const edits: EditRequest[] = [];
  let selection: SelectEdit | null = null;
  const end = (): void => {
    if (selection && selection.edits.length === 0) {
      throw new UsageError(
        `--select '${selection.query}' has no operation behind it: what it selects is edited by those that follow.`,
      );
    }
    if (selection) edits.push(selection);
    selection = null;
  };
  for (const { name, value } of command.options) {
    if (typeof value !== 'string') continue;
    if (name === 'select') {
      end();
      selection = value.trim() === ALL ? null : { kind: 'select', query: value, edits: [] };
    } else if (name === 'script') {
      if (selection) throw unselectable(name, selection);
      edits.push(...parseScript(scriptText(value), value));
    } else if (isOperation(name)) {
      const edit = parseOperation(name, value);
      if (!selection) edits.push(edit);
      else if (isSelecting(edit)) selection.edits.push(edit);
      else throw unselectable(name, selection);
    }
  }
  end();
  return edits;
}

function unselectable(option: string, { query }: SelectEdit): UsageError {
  return new UsageError(
    `--${option} says itself what it is about, and cannot be limited by --select '${query}': put --select '${ALL}' before it.`,
  );
}

function scriptText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--script ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** The edit, made of those of tied weights alone that it names. */
export function madeApart(edit: EditRequest): EditRequest {
  switch (edit.kind) {
    case 'batch':
      return { ...edit, edits: edit.edits.map(apart) };
    case 'select':
      return { ...edit, edits: edit.edits.map(apart).filter(isSelecting) };
    default:
      return apart(edit);
  }
}

function apart(edit: SingleEdit): SingleEdit {
  return canBeApart(edit) ? { ...edit, apart: true } : edit;
}
