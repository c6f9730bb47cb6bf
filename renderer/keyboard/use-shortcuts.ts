import { useEffect } from 'react';
import { runCommand } from './run-command.ts';
import { commandOf } from './shortcuts.ts';
import { isTextBox } from './text-box.ts';

/** The window's shortcuts; a dialog has the keyboard for itself. */
export function useShortcuts(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (window.document.querySelector('dialog[open]')) return;
      const command = commandOf(event, isTextBox(event.target));
      if (!command || !runCommand(command)) return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
