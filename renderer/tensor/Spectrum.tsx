import type { DocumentSummary, TensorDetail } from '../contract.ts';
import { formatCount } from '../format/numbers.ts';
import { useTasks } from '../store/tasks.ts';
import { Progress } from '../tasks/TasksRegion.tsx';
import { AxisPickers } from './AxisPickers.tsx';
import { SpectrumFigures } from './SpectrumFigures.tsx';
import { SpectrumPlot } from './SpectrumPlot.tsx';
import { SpectrumValues } from './SpectrumValues.tsx';
import { extentOfSlice, type SliceView, useSliceView } from './slice-view.ts';
import { type SpectrumState, useSpectrum } from './use-spectrum.ts';
import './spectrum.css';
import { Problem } from '../ui/Problem.tsx';

interface SpectrumProps {
  readonly document: DocumentSummary;
  readonly detail: TensorDetail;
}

/** The singular values of a slice of the tensor. */
export function Spectrum({ document, detail }: SpectrumProps) {
  const [view, setView] = useSliceView(detail.shape, 'lying');
  const reason = whyNone(detail);
  if (reason !== null) return <p className="guidance">{reason}</p>;
  return (
    <div className="spectrum-view">
      {detail.shape.length > 2 && (
        <div className="view-controls">
          <AxisPickers shape={detail.shape} view={view} onChange={setView} />
        </div>
      )}
      <SpectrumOfSlice document={document} detail={detail} view={view} />
    </div>
  );
}

function whyNone({ shape, elements, dtype }: TensorDetail): string | null {
  if (shape.length < 2) return 'A spectrum is of a matrix, and this tensor has fewer than two axes.';
  if (elements === 0) return 'This tensor has no elements: one of its sizes is 0.';
  if (dtype.startsWith('complex')) return `Spectra of ${dtype} are not computed. Cast the tensor to a real type first.`;
  return null;
}

function SpectrumOfSlice({ document, detail, view }: SpectrumProps & { readonly view: SliceView }) {
  const spectrum = useSpectrum({ document, detail, view });
  const { data } = spectrum;
  const { rows, columns } = extentOfSlice(detail.shape, view);
  const size = `${formatCount(rows)} × ${formatCount(columns)}`;
  return (
    <section aria-label="Singular values" className="panel" aria-busy={spectrum.asked && spectrum.pending}>
      <div className="panel-title">
        <h3>Singular values</h3>
        <span className="muted">of the {size} matrix</span>
      </div>
      {data ? (
        <>
          <SpectrumPlot spectrum={data} />
          <SpectrumFigures spectrum={data} />
          <SpectrumValues spectrum={data} />
        </>
      ) : (
        <SpectrumStatus document={document.id} spectrum={spectrum} />
      )}
    </section>
  );
}

interface SpectrumStatusProps {
  readonly document: string;
  readonly spectrum: SpectrumState;
}

/** What there is before there are values: a button, how far it is, or why there are none. */
function SpectrumStatus({ document, spectrum }: SpectrumStatusProps) {
  const task = useTasks((state) =>
    state.running.find((running) => running.document === document && running.title === 'Spectrum'),
  );
  if (spectrum.failure) {
    return <Problem message={spectrum.failure.message} />;
  }
  if (spectrum.asked && spectrum.pending) {
    return (
      <div className="stats-progress">
        {task ? (
          <Progress title="Computing the spectrum" done={task.done} total={task.total} />
        ) : (
          <span className="muted spacer">Computing…</span>
        )}
        <button type="button" className="small" onClick={spectrum.cancel}>
          Cancel
        </button>
      </div>
    );
  }
  return (
    <p className="muted">
      {spectrum.cancelled ? 'Cancelled. ' : 'All elements are read several times. '}
      <button type="button" className="small" onClick={spectrum.compute}>
        Compute
      </button>
    </p>
  );
}
