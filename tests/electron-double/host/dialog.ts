import { refusing } from '../refusal.ts';
import { reportFault } from './double.ts';

/**
 * The platform's dialogs have nobody to answer them: a test puts its answer in the place of these
 * functions first. A dialog that no test foresaw is a fault of the run.
 */
const unscripted =
  (name: string) =>
  (...args: readonly unknown[]): never => {
    const message = `dialog.${name} was called and no test had an answer ready: ${JSON.stringify(args.slice(-1))}`;
    reportFault(message);
    throw new Error(message);
  };

export const dialog = refusing('dialog', {
  showOpenDialog: unscripted('showOpenDialog'),
  showOpenDialogSync: unscripted('showOpenDialogSync'),
  showSaveDialog: unscripted('showSaveDialog'),
  showSaveDialogSync: unscripted('showSaveDialogSync'),
  showMessageBox: unscripted('showMessageBox'),
  showMessageBoxSync: unscripted('showMessageBoxSync'),
  showErrorBox: (title: string, content: string): void => reportFault(`dialog.showErrorBox: ${title}: ${content}`),
});
