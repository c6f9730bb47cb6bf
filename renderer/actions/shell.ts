import type { ShellState } from '../contract.ts';
import { runCommand } from '../keyboard/run-command.ts';
import { isTextBox } from '../keyboard/text-box.ts';
import { useDialogs } from '../store/dialogs.ts';
import { useDocuments } from '../store/documents.ts';
import { useSelections } from '../store/selection.ts';
import { useView, type View } from '../store/view.ts';
import { useTheme } from '../theme/theme.ts';

const VIEW_NAMES: Readonly<Record<View, NonNullable<ShellState['view']>>> = {
  Overview: 'overview',
  Heatmap: 'heatmap',
  Cells: 'cells',
  Spectrum: 'spectrum',
};

/** Follows the native menu and keeps it told of what can be done now. In a browser there is none. */
export function startShell(): () => void {
  const bridge = window.parascope;
  if (!bridge) return () => {};
  let told = '';
  const tell = (): void => {
    const state = currentState();
    const text = JSON.stringify(state);
    if (text === told) return;
    told = text;
    bridge.reportState(state);
  };
  const leaving = new AbortController();
  window.addEventListener('focusin', tell, { signal: leaving.signal });
  window.addEventListener('focusout', () => queueMicrotask(tell), { signal: leaving.signal });
  const ends = [
    bridge.onCommand(runCommand),
    bridge.onShow((document) => {
      if (document in useDocuments.getState().byId) useDocuments.getState().activate(document);
    }),
    ...[useDocuments, useSelections, useView, useTheme, useDialogs].map((store) => store.subscribe(tell)),
  ];
  tell();
  return () => {
    leaving.abort();
    for (const end of ends) end();
  };
}

function currentState(): ShellState {
  const { active, byId } = useDocuments.getState();
  const document = active === null ? undefined : byId[active];
  const shown = active === null ? null : (useSelections.getState().byDocument[active]?.shown ?? null);
  return {
    tab: active !== null,
    document: document ? { undo: document.undo !== null, redo: document.redo !== null } : null,
    view: document && shown !== null ? VIEW_NAMES[useView.getState().view] : null,
    theme: useTheme.getState().theme,
    editingText: isTextBox(window.document.activeElement),
    modal: useDialogs.getState().request !== null,
  };
}
