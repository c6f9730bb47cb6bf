import type { EditRequest } from '../contract.ts';

interface Names {
  /** What is edited. */
  readonly file: string;
  /** Under which name the script was saved. */
  readonly script: string;
}

/** The command that does the edits: operations where each has a short form, else the script. */
export function commandLineOf(edits: readonly EditRequest[], { file, script }: Names): string {
  const parts = operationsOf(edits) ?? ['--script', script];
  return ['parascope', 'edit', file, '-o', `edited-${file}`, ...parts].map(quoted).join(' ');
}

/** Null where one of them has no short form. */
function operationsOf(edits: readonly EditRequest[]): readonly string[] | null {
  const operations = edits.map(operationOf);
  return operations.every((operation) => operation !== null) ? operations.flat() : null;
}

/** Null where only the script says it exactly. */
function operationOf(edit: EditRequest): readonly string[] | null {
  if ('apart' in edit && edit.apart) return null;
  switch (edit.kind) {
    case 'batch':
      return operationsOf(edit.edits);
    case 'tie': {
      const [first = '', ...others] = edit.names;
      const isPlain = edit.names.every((name) => !/[=,]/.test(name));
      return isPlain ? ['--tie', `${first}=${others.join(',')}`] : null;
    }
    case 'untie':
      // One after the other, the last of a tie would have nobody left to be tied to.
      return typeof edit.select === 'string' || edit.select.length === 1
        ? single(edit.select, (name) => ['--untie', name])
        : null;
    case 'rename':
      return edit.from.includes('=') ? null : ['--rename', `${edit.from}=${edit.to}`];
    case 'delete':
      return single(edit.select, (name) => ['--delete', name]);
    case 'cast':
      return single(edit.select, (name) => ['--cast', `${name}=${edit.dtype}`]);
    case 'fill':
      return single(edit.select, (name) => ['--fill', `${name}=${edit.value}`]);
    case 'scale':
      return single(edit.select, (name) => ['--scale', `${name}=${edit.factor}`]);
    case 'set':
      return edit.values.length === 1 ? ['--set', `${edit.name}[${edit.slice}]=${edit.values[0]}`] : null;
    case 'metadata':
      return edit.value === null || edit.key.includes('=') ? null : ['--metadata', `${edit.key}=${edit.value}`];
    default:
      return null;
  }
}

/** For each name; null where one of them could be read otherwise. */
function single(
  select: string | readonly string[],
  operation: (name: string) => readonly string[],
): readonly string[] | null {
  const names = typeof select === 'string' ? [select] : select;
  return names.some((name) => name.includes('=')) ? null : names.flatMap(operation);
}

/** For a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
