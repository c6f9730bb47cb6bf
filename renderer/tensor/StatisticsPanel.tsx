import { useState } from 'react';
import { client } from '../api/client.ts';
import type { Quantile, TensorDetail, TensorStats } from '../contract.ts';
import { type RequestState, useRequest } from '../ui/use-request.ts';
import { RequestStatus } from './RequestStatus.tsx';
import { Statistics } from './Statistics.tsx';

interface StatisticsPanelProps {
  readonly document: string;
  readonly detail: TensorDetail;
  readonly stats: RequestState<TensorStats>;
}

/** The statistics, with quantiles that are exact once somebody asks for that. */
export function StatisticsPanel({ document, detail, stats }: StatisticsPanelProps) {
  const value = `${document}/${detail.id}/${detail.valueRevision}`;
  const [asked, setAsked] = useState<string | null>(null);
  const about = stats.data?.quantiles?.map(({ q }) => q) ?? [];
  const wanted = asked === value && about.length > 0;
  const exact = useRequest<readonly Quantile[] | null>({
    subject: value,
    key: `${value}/${wanted}`,
    run: (signal) =>
      wanted
        ? client.tensors.quantiles.query({ document, tensor: detail.id, qs: about, exact: true }, { signal })
        : Promise.resolve(null),
  });
  const bounded = stats.data?.quantiles?.some(({ low, high }) => low !== high) ?? false;
  return (
    <section aria-label="Statistics" className="panel stats-panel" aria-busy={stats.pending || exact.pending}>
      <div className="panel-title">
        <h3>Statistics</h3>
        <span className="spacer" />
        {bounded && !wanted && (
          <button
            type="button"
            className="small"
            title="Reads all values two to four times"
            onClick={() => setAsked(value)}
          >
            Exact quantiles
          </button>
        )}
      </div>
      <RequestStatus document={document} task="Statistics" request={stats} />
      {wanted && <RequestStatus document={document} task="Quantiles" request={exact} />}
      {stats.data && <Statistics stats={{ ...stats.data, quantiles: exact.data ?? stats.data.quantiles }} />}
    </section>
  );
}
