import type { ShellCommand } from '../contract.ts';
import type { KeyPress } from './key-press.ts';

export type Command = Extract<ShellCommand, 'undo' | 'redo' | 'save' | 'save-as' | 'open' | 'filter'>;

/** The command of a key press anywhere in the window; `inText`: a text box has the focus and keeps its own undo. */
export function commandOf(press: KeyPress, inText: boolean): Command | null {
  if (!(press.ctrlKey || press.metaKey) || press.altKey) return null;
  switch (press.key.toLowerCase()) {
    case 'z':
      if (inText) return null;
      return press.shiftKey ? 'redo' : 'undo';
    case 'y':
      return inText ? null : 'redo';
    case 's':
      return press.shiftKey ? 'save-as' : 'save';
    case 'o':
      return press.shiftKey ? null : 'open';
    case 'f':
      return press.shiftKey ? null : 'filter';
    default:
      return null;
  }
}
