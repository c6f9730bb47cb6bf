import type { Task, WorkspaceEvent } from '../../../core/workspace/summary.ts';

/** Electron's words for a progress bar: none, and one that only says that something goes on. */
const NO_BAR = -1;
const INDETERMINATE = 2;

/** One bar for all running tasks, by bytes: 0 to 1, `-1` for none, `2` where a total is not known. */
export function overallProgress(tasks: Iterable<Task>): number {
  const running = [...tasks].filter((task) => task.state === 'running');
  if (running.length === 0) return NO_BAR;
  const total = running.reduce((sum, task) => sum + task.total, 0);
  if (running.some((task) => task.total <= 0)) return INDETERMINATE;
  return Math.min(1, running.reduce((sum, task) => sum + Math.min(task.done, task.total), 0) / total);
}

/** Shows how far the tasks of the workspace are; returns the function that ends it. */
export function followTasks(
  workspace: { subscribe(listener: (event: WorkspaceEvent) => void): () => void },
  show: (progress: number) => void,
): () => void {
  const tasks = new Map<string, Task>();
  return workspace.subscribe((event) => {
    if (event.type !== 'task') return;
    if (event.task.state === 'running') tasks.set(event.task.id, event.task);
    else tasks.delete(event.task.id);
    show(overallProgress(tasks.values()));
  });
}
