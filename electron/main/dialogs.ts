import { type BrowserWindow, dialog } from 'electron';
import { FORMATS } from '../../core/checkpoint/formats.ts';
import { WRITERS } from '../../core/workspace/save/writers.ts';
import type { Dialogs } from './desktop-files.ts';

/** Dialogs know endings only by what follows the last dot. */
function endings(extensions: readonly string[]): string[] {
  return [...new Set(extensions.map((extension) => extension.slice(extension.lastIndexOf('.') + 1)))];
}

const CHECKPOINTS = { name: 'Checkpoints', extensions: endings(FORMATS.flatMap(({ extensions }) => extensions)) };
const WRITABLE = WRITERS.map(({ label, extensions }) => ({ name: label, extensions: endings(extensions) }));

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
