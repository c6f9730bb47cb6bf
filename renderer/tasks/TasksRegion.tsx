import { reporting } from '../actions/report.ts';
import { client } from '../api/client.ts';
import type { Task } from '../contract.ts';
import { formatBytes } from '../format/numbers.ts';
import { useTasks } from '../store/tasks.ts';
import { usePace } from '../ui/use-pace.ts';
import './tasks.css';

/** Long work of host and page, each with its progress and a way to stop it. */
export function TasksRegion() {
  const running = useTasks((state) => state.running);
  return (
    <section aria-label="Tasks" className="tasks">
      {running.length === 0 ? (
        <p className="muted">No tasks running</p>
      ) : (
        <ul>
          {running.map((task) => (
            <TaskItem key={task.id} task={task} />
          ))}
        </ul>
      )}
    </section>
  );
}

function TaskItem({ task }: { readonly task: Task }) {
  return (
    <li className="task">
      <span className="task-title">{task.title}</span>
      <Progress title={task.title} done={task.done} total={task.total} />
      <button type="button" className="small" aria-label={`Cancel ${task.title}`} onClick={() => cancelTask(task.id)}>
        Cancel
      </button>
    </li>
  );
}

interface ProgressBarProps {
  readonly title: string;
  readonly done: number;
  readonly total: number;
}

/** The bar, and beside it how much of how much, how fast, and how long it will take. */
export function Progress(props: ProgressBarProps) {
  const pace = usePace(props.done, props.total);
  return (
    <>
      <ProgressBar {...props} />
      <span className="muted number">
        {progressText(props.done, props.total)}
        {pace !== '' && `, ${pace}`}
      </span>
    </>
  );
}

export function ProgressBar({ title, done, total }: ProgressBarProps) {
  return (
    <progress
      aria-label={title}
      aria-valuetext={progressText(done, total)}
      max={total > 0 ? total : undefined}
      value={total > 0 ? Math.min(done, total) : undefined}
    />
  );
}

export function progressText(done: number, total: number): string {
  return total > 0 ? `${formatBytes(done)} of ${formatBytes(total)}` : formatBytes(done);
}

function cancelTask(task: string): void {
  const stop = useTasks.getState().stops[task];
  if (stop) stop();
  else void reporting(() => client.tasks.cancel.mutate({ task }));
}
