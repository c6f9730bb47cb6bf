import { useTasks } from '../store/tasks.ts';
import { ProgressBar, progressText } from '../tasks/TasksRegion.tsx';
import type { RequestState } from '../ui/use-request.ts';
import type { HeatmapPicture, HeatmapSubject } from './use-heatmap.ts';

interface HeatmapStatusProps {
  readonly picture: RequestState<HeatmapPicture>;
  readonly task: HeatmapSubject['task'];
}

/** Whether all elements are in the picture, how far that is, and how to stop or to resume it. */
export function HeatmapStatus({ picture, task }: HeatmapStatusProps) {
  const running = useTasks((state) =>
    state.running.find(({ document, title }) => document === task.document && title === task.title),
  );
  if (!picture.data || picture.data.exact) return null;
  return (
    <div className="heatmap-status">
      <span className="badge" title="Some elements under each pixel were skipped to show the picture at once.">
        Sampled
      </span>
      {picture.pending && running && (
        <>
          <ProgressBar title="Reading all elements" done={running.done} total={running.total} />
          <span className="muted number">{progressText(running.done, running.total)}</span>
          <button type="button" className="small" onClick={picture.cancel}>
            Cancel
          </button>
        </>
      )}
      {picture.cancelled && (
        <button type="button" className="small" onClick={picture.retry}>
          Read all
        </button>
      )}
    </div>
  );
}
