import type { ShellCommand, ShellState } from '../../../core/api/shell.ts';

/** Before the page has spoken. */
export const INITIAL_STATE: ShellState = {
  tab: false,
  document: null,
  view: null,
  theme: 'system',
  editingText: false,
  modal: false,
};

/** Whether a command of the menu can do anything now. */
export function isEnabled(command: ShellCommand, { document, view, editingText, modal }: ShellState): boolean {
  switch (command) {
    case 'undo':
      return editingText || (!modal && document?.undo === true);
    case 'redo':
      return editingText || (!modal && document?.redo === true);
    case 'save':
    case 'save-as':
    case 'filter':
    case 'compare':
      return !modal && document !== null;
    case 'view-overview':
    case 'view-heatmap':
    case 'view-cells':
    case 'view-spectrum':
      return !modal && view !== null;
    case 'open':
    case 'close':
    case 'about':
    case 'licences':
    case 'documentation':
      return !modal;
    case 'theme-system':
    case 'theme-light':
    case 'theme-dark':
      return true;
    default:
      return command satisfies never;
  }
}

/** Whether a radio item of the menu is the chosen one. */
export function isChecked(command: ShellCommand, { view, theme }: ShellState): boolean {
  return command === `view-${view}` || command === `theme-${theme}`;
}
