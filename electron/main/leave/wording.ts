import type { Task } from '../../../core/workspace/summary.ts';

interface Question {
  readonly message: string;
  readonly detail: string;
}

/** So many names are read at a glance. */
const MOST_NAMES = 5;

export function unsavedQuestion(names: readonly string[]): Question {
  const [only] = names;
  const message = names.length === 1 ? `Save the edits of ${only}?` : `Save the edits of ${names.length} documents?`;
  const kept = 'Edits that you do not save are kept on this machine and offered again when the file is opened next.';
  return { message, detail: names.length === 1 ? kept : `${listed(names)}\n\n${kept}` };
}

export function runningQuestion(tasks: readonly Task[]): Question {
  return {
    message:
      tasks.length === 1 ? 'A task is still running. Stop it?' : `${tasks.length} tasks are still running. Stop them?`,
    detail: `${listed(tasks.map(progressOf))}\n\nA save that is stopped leaves the file as it was.`,
  };
}

function progressOf({ title, done, total }: Task): string {
  return total > 0 ? `${title} (${Math.floor((100 * Math.min(done, total)) / total)} %)` : title;
}

function listed(lines: readonly string[]): string {
  const rest = lines.length - MOST_NAMES;
  return [...lines.slice(0, MOST_NAMES), ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n');
}
