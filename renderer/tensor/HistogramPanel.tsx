import { useState } from 'react';
import { client } from '../api/client.ts';
import { Histogram } from '../chart/Histogram.tsx';
import { HistogramControls, type HistogramView } from '../chart/HistogramControls.tsx';
import { outsideOf } from '../chart/histogram-scale.ts';
import type { Histogram as HistogramData, HistogramRequest, ScaledHistogram, TensorStats } from '../contract.ts';
import { useRequest } from '../ui/use-request.ts';
import { RequestStatus } from './RequestStatus.tsx';

/** The bins that the statistics come with. */
export const DEFAULT_BINS = 64;
const FIRST_VIEW: HistogramView = {
  scale: 'linear',
  range: 'full',
  ends: [0, 1],
  threshold: null,
  bins: DEFAULT_BINS,
  logCounts: false,
};

/** What the host is asked for. */
function requestOf({ scale, range, ends, threshold, bins }: HistogramView): HistogramRequest {
  return {
    scale,
    bins,
    range: range === 'given' ? ends : range,
    linearThreshold: (scale === 'symlog' ? threshold : null) ?? undefined,
  };
}

interface HistogramPanelProps {
  readonly document: string;
  readonly tensor: number;
  readonly revision: number;
  readonly stats: TensorStats;
  readonly histogram: HistogramData;
}

/** The histogram of the statistics, and any other that the controls ask for. */
export function HistogramPanel({ document, tensor, revision, stats, histogram }: HistogramPanelProps) {
  const [view, setView] = useState(FIRST_VIEW);
  const { scale, range, bins } = view;
  const request = requestOf(view);
  const known = scale === 'linear' && range === 'full' && bins === DEFAULT_BINS;
  const asked = useRequest<ScaledHistogram | null>({
    subject: `${document}/${tensor}`,
    key: `${document}/${tensor}/${revision}/${JSON.stringify(request)}`,
    run: (signal) =>
      known ? Promise.resolve(null) : client.tensors.histogram.query({ document, tensor, request }, { signal }),
  });
  const other = known ? null : asked.data;
  const plain = { below: 0, above: 0, zeros: 0, negatives: 0, nans: stats.nans, infs: stats.infs };
  const ends = other && other.edges.length > 0 ? ([other.edges[0], other.edges.at(-1)] as const) : null;
  const shown = [ends?.[0] ?? stats.min ?? 0, ends?.[1] ?? stats.max ?? 0] as const;
  return (
    <section aria-label="Histogram" className="panel" aria-busy={asked.pending}>
      <Histogram
        histogram={other ?? histogram}
        scale={other?.scale ?? 'linear'}
        log={view.logCounts}
        extremes={shown}
        outside={outsideOf(other ?? plain)}
        controls={
          <HistogramControls view={view} shown={shown} threshold={other?.linearThreshold ?? null} onView={setView} />
        }
      />
      {!known && <RequestStatus document={document} task="Histogram" request={asked} />}
    </section>
  );
}
