import { type BrowserWindow, dialog } from 'electron';
import type { Dialogs } from './desktop-files.ts';
import { openFilters, saveFilters } from './file-filters.ts';

/** The platform's file dialogs, modal to the window. */
export function nativeDialogs(window: BrowserWindow): Dialogs {
  return {
    async chooseFiles() {
      const { canceled, filePaths } = await dialog.showOpenDialog(window, {
        title: 'Open checkpoints',
        properties: ['openFile', 'multiSelections'],
        filters: openFilters(),
      });
      return canceled ? null : filePaths;
    },
    async chooseTarget(suggestedName) {
      const { canceled, filePath } = await dialog.showSaveDialog(window, {
        title: 'Save as',
        defaultPath: suggestedName,
        filters: saveFilters(),
        properties: ['showOverwriteConfirmation', 'createDirectory'],
      });
      return canceled || filePath === '' ? null : filePath;
    },
  };
}
