import { type BrowserWindow, dialog } from 'electron';
import type { Dialogs } from '../desktop-files.ts';
import type { LeaveQuestions } from './leave-guard.ts';
import { runningQuestion, unsavedQuestion } from './wording.ts';

/** The questions as the platform's message boxes, modal to the window. */
export function nativeQuestions(window: BrowserWindow, dialogs: Dialogs): LeaveQuestions {
  const ask = async <T>(question: { message: string; detail: string }, answers: Answers<T>): Promise<T> => {
    const { response } = await dialog.showMessageBox(window, {
      type: 'warning',
      ...question,
      buttons: answers.map(({ label }) => label),
      defaultId: 0,
      cancelId: answers.length - 1,
      noLink: true,
    });
    return (answers[response] ?? answers[0]).answer;
  };
  return {
    unsaved: (names) =>
      ask(unsavedQuestion(names), [
        { label: names.length > 1 ? 'Save all' : 'Save', answer: 'save' },
        { label: "Don't save", answer: 'keep' },
        { label: 'Cancel', answer: 'cancel' },
      ]),
    running: (tasks) =>
      ask(runningQuestion(tasks), [
        { label: 'Stop and close', answer: 'stop' },
        { label: 'Cancel', answer: 'cancel' },
      ]),
    overwrite: (name) =>
      ask(
        {
          message: `Overwrite the changed file ${name}?`,
          detail: 'Another program wrote it after it was opened here. Overwriting replaces what that program wrote.',
        },
        [
          { label: 'Save as…', answer: 'elsewhere' },
          { label: 'Overwrite', answer: 'overwrite' },
          { label: 'Cancel', answer: 'cancel' },
        ],
      ),
    target: (suggestedName) => dialogs.chooseTarget(suggestedName),
    failed: async (name, reason) => {
      await dialog.showMessageBox(window, {
        type: 'error',
        message: `${name} could not be saved`,
        detail: `${reason} The window stays open.`,
        buttons: ['OK'],
      });
    },
  };
}

/** In the order of the buttons; the last one cancels. */
type Answers<T> = readonly [{ readonly label: string; readonly answer: T }, ...{ label: string; answer: T }[]];
