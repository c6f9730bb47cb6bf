import { FORMATS } from '../../core/checkpoint/formats.ts';
import { WRITERS } from '../../core/workspace/save/writers.ts';

export interface FileFilter {
  readonly name: string;
  /** Without dots: dialogs of the platform know only what comes after the last one. */
  readonly extensions: string[];
}

interface FileKind {
  readonly label: string;
  readonly extensions: readonly string[];
}

/** The open dialog offers every ending that a reader claims, each kind of file by itself, and all files. */
export function openFilters(): FileFilter[] {
  const kinds = FORMATS.map(filterOf);
  const all = [...new Set(kinds.flatMap(({ extensions }) => extensions))].sort();
  return [{ name: 'Checkpoints', extensions: all }, ...kinds, { name: 'All files', extensions: ['*'] }];
}

/** The save dialog offers what can be written. */
export function saveFilters(): FileFilter[] {
  return WRITERS.map(filterOf);
}

function filterOf({ label, extensions }: FileKind): FileFilter {
  const endings = extensions.map((extension) => extension.slice(extension.lastIndexOf('.') + 1));
  const name = label.startsWith('safetensors') ? label : `${label.charAt(0).toUpperCase()}${label.slice(1)}`;
  return { name, extensions: [...new Set(endings)] };
}
