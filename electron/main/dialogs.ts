import { type BrowserWindow, dialog } from 'electron';
import type { Dialogs } from './desktop-files.ts';

const CHECKPOINTS = { name: 'Checkpoints', extensions: ['safetensors', 'json', 'params', 'nd'] };
const WRITABLE = [
  { name: 'safetensors', extensions: ['safetensors'] },
  { name: 'MXNet parameters', extensions: ['params', 'nd'] },
];

/** The platform's file dialogs, modal to the window. */
export function nativeDialogs(window: BrowserWindow): Dialogs {
  return {
    async chooseFiles() {
      const { canceled, filePaths } = await dialog.showOpenDialog(window, {
        title: 'Open checkpoints',
        properties: ['openFile', 'multiSelections'],
        filters: [CHECKPOINTS, { name: 'All files', extensions: ['*'] }],
      });
      return canceled ? null : filePaths;
    },
    async chooseTarget(suggestedName) {
      const { canceled, filePath } = await dialog.showSaveDialog(window, {
        title: 'Save as',
        defaultPath: suggestedName,
        filters: WRITABLE,
        properties: ['showOverwriteConfirmation', 'createDirectory'],
      });
      return canceled || filePath === '' ? null : filePath;
    },
  };
}
