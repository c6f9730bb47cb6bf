import { useId, useState } from 'react';
import type { ParameterTarget } from '../actions/parameters.ts';
import { client } from '../api/client.ts';
import type { DeviceCopy, CopyStatistics as Figures } from '../contract.ts';
import { formatFigure } from '../format/figures.ts';
import { formatCount } from '../format/numbers.ts';
import { useParameterChangeCount } from '../store/parameter-changes.ts';
import { Problem } from '../ui/Problem.tsx';
import { useRequest } from '../ui/use-request.ts';

interface CopyStatisticsProps {
  readonly target: ParameterTarget;
  readonly copy: DeviceCopy;
  /** Whether there are others, and so a mean to be far from. */
  readonly isOneOfSeveral: boolean;
}

/** What the device finds of its copy, when it is asked to. */
export function CopyStatistics(props: CopyStatisticsProps) {
  const { device } = props.copy;
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <div className="copy-statistics">
      <button
        type="button"
        className="quiet"
        aria-expanded={isOpen}
        aria-controls={id}
        aria-label={`Statistics of the copy on ${device}`}
        onClick={() => setOpen(!isOpen)}
      >
        <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span> Statistics
      </button>
      <section id={id} aria-label={`Statistics on ${device}`} hidden={!isOpen}>
        {isOpen && <Computed {...props} />}
      </section>
    </div>
  );
}

function Computed({ target: { document, tensor }, copy, isOneOfSeveral }: CopyStatisticsProps) {
  const { device } = copy;
  const changes = useParameterChangeCount(document, tensor);
  const statistics = useRequest({
    subject: `${document}/${tensor}/${device}`,
    key: `${document}/${tensor}/${device}/${changes}`,
    run: (signal) => client.parameters.copyStatistics.query({ document, tensor, device }, { signal }),
  });
  if (statistics.failure) {
    return <Problem message={statistics.failure.message} />;
  }
  if (!statistics.data) return <p className="muted">Computing on {device}…</p>;
  return (
    <dl className="copy-figures">
      {termsOf(statistics.data).map(([term, value]) => (
        <Term key={term} term={term} value={value} />
      ))}
      {isOneOfSeveral && <Term term="Farthest from the mean" value={formatFigure(copy.maxDistance)} />}
    </dl>
  );
}

function Term({ term, value }: { readonly term: string; readonly value: string }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd className="mono">{value}</dd>
    </div>
  );
}

function termsOf(figures: Figures): readonly (readonly [term: string, value: string])[] {
  return [
    ['Count', formatCount(figures.count)],
    ['Min', formatFigure(figures.min)],
    ['Max', formatFigure(figures.max)],
    ['Mean', formatFigure(figures.mean)],
    ['Std', formatFigure(figures.std)],
    ['L2 norm', formatFigure(figures.l2)],
    ['Zeros', formatCount(figures.zeros)],
    ['NaNs', formatCount(figures.nans)],
    ['Infs', formatCount(figures.infs)],
  ];
}
