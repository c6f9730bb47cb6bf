import { useEffect } from 'react';
import { redo, save, saveAs, undo } from '../actions/documents.ts';
import { chooseAndOpen } from '../actions/open.ts';
import { useDocuments } from '../store/documents.ts';
import { type Command, commandOf } from './shortcuts.ts';

/** The window's shortcuts; a dialog has the keyboard for itself. */
export function useShortcuts(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (window.document.querySelector('dialog[open]')) return;
      const command = commandOf(event, isTextBox(event.target));
      if (!command || !run(command)) return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

function isTextBox(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type !== 'radio');
}

function run(command: Command): boolean {
  if (command === 'open') {
    void chooseAndOpen();
    return true;
  }
  const { active, byId } = useDocuments.getState();
  const document = active === null ? undefined : byId[active];
  if (!document) return false;
  switch (command) {
    case 'undo':
      if (document.undo !== null) void undo(document.id);
      return true;
    case 'redo':
      if (document.redo !== null) void redo(document.id);
      return true;
    case 'save':
      void save(document);
      return true;
    case 'save-as':
      void saveAs(document);
      return true;
    case 'filter':
      window.document.getElementById('tensor-filter')?.focus();
      return true;
  }
}
