import { closeComparison } from '../actions/comparisons.ts';
import { close, redo, save, saveAs, undo } from '../actions/documents.ts';
import { chooseAndOpen } from '../actions/open.ts';
import type { ShellCommand } from '../contract.ts';
import { useComparisons } from '../store/comparisons.ts';
import { useDialogs } from '../store/dialogs.ts';
import { useDocuments } from '../store/documents.ts';
import { useView, type View } from '../store/view.ts';
import { type Theme, useTheme } from '../theme/theme.ts';

/** Does what a key or the native menu asked for; false where there is no document to do it to. */
export function runCommand(command: ShellCommand): boolean {
  switch (command) {
    case 'open':
      void chooseAndOpen();
      return true;
    case 'about':
    case 'licences':
    case 'documentation':
      useDialogs.getState().ask({ kind: command });
      return true;
    case 'view-overview':
      return show('Overview');
    case 'view-heatmap':
      return show('Heatmap');
    case 'view-cells':
      return show('Cells');
    case 'view-spectrum':
      return show('Spectrum');
    case 'theme-system':
      return use('system');
    case 'theme-light':
      return use('light');
    case 'theme-dark':
      return use('dark');
    default:
      return runOnDocument(command);
  }
}

type DocumentCommand = Extract<ShellCommand, 'save' | 'save-as' | 'close' | 'compare' | 'undo' | 'redo' | 'filter'>;

function runOnDocument(command: DocumentCommand): boolean {
  const { active, byId } = useDocuments.getState();
  const document = active === null ? undefined : byId[active];
  if (!document) return active !== null && runOnComparison(command, active);
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
    case 'close':
      void close(document);
      return true;
    case 'compare':
      useDialogs.getState().ask({ kind: 'compare', document: document.id });
      return true;
    case 'filter':
      focusFilter();
      return true;
    default:
      return command satisfies never;
  }
}

function runOnComparison(command: DocumentCommand, tab: string): boolean {
  if (!(tab in useComparisons.getState().byId)) return false;
  if (command === 'close') closeComparison(tab);
  else if (command === 'filter') focusFilter();
  return command === 'close' || command === 'filter';
}

function focusFilter(): void {
  window.document.getElementById('tensor-filter')?.focus();
}

function show(view: View): boolean {
  useView.getState().setView(view);
  return true;
}

function use(theme: Theme): boolean {
  useTheme.getState().setTheme(theme);
  return true;
}
