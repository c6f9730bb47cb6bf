import { useTasks } from '../store/tasks.ts';
import { ProgressBar, progressText } from '../tasks/TasksRegion.tsx';
import { Problem } from '../ui/Problem.tsx';
import type { RequestState } from '../ui/use-request.ts';

interface RequestStatusProps {
  readonly document: string;
  /** What the task of the request is called in the list of tasks. */
  readonly task: string;
  readonly request: RequestState<unknown>;
}

/** While an answer is on its way, why there is none, or nothing. */
export function RequestStatus({ document, task: title, request }: RequestStatusProps) {
  const task = useTasks((state) =>
    state.running.find((running) => running.document === document && running.title === title),
  );
  if (request.failure) {
    return <Problem message={request.failure.message} />;
  }
  if (request.cancelled) {
    return (
      <p className="muted">
        Cancelled.{' '}
        <button type="button" className="small" onClick={request.retry}>
          Compute
        </button>
      </p>
    );
  }
  if (!request.pending) return null;
  if (!task) return request.data ? null : <p className="muted">Reading values…</p>;
  return (
    <div className="request-progress">
      <ProgressBar title="Reading values" done={task.done} total={task.total} />
      <span className="muted number">{progressText(task.done, task.total)}</span>
      <button type="button" className="small" onClick={request.cancel}>
        Cancel
      </button>
    </div>
  );
}
