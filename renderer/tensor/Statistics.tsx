import type { TensorStats } from '../contract.ts';
import { formatCount, formatShare, formatStatistic } from '../format/numbers.ts';

/** The statistics as a list of terms; counts that should worry the reader say so in colour and words. */
export function Statistics({ stats }: { readonly stats: TensorStats }) {
  const { count } = stats;
  return (
    <dl className="statistics">
      <Value term="Count" value={formatCount(count)} />
      <Value term="Min" value={formatStatistic(stats.min)} />
      <Value term="Max" value={formatStatistic(stats.max)} />
      <Value term="Mean" value={formatStatistic(stats.mean)} />
      <Value term="Std" value={formatStatistic(stats.std)} />
      <Value term="L2 norm" value={formatStatistic(stats.l2)} />
      <Share term="Zeros" part={stats.zeros} whole={count} />
      <Share term="NaNs" part={stats.nans} whole={count} alarming />
      <Share term="Infs" part={stats.infs} whole={count} alarming />
    </dl>
  );
}

function Value({ term, value }: { readonly term: string; readonly value: string }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </div>
  );
}

interface ShareProps {
  readonly term: string;
  readonly part: number;
  readonly whole: number;
  readonly alarming?: boolean;
}

function Share({ term, part, whole, alarming = false }: ShareProps) {
  const worrying = alarming && part > 0;
  return (
    <div className={worrying ? 'alarm' : ''}>
      <dt>
        {term}
        {worrying && ' (warning)'}
      </dt>
      <dd>
        {formatCount(part)}
        {part > 0 && <span className="share"> {formatShare(part, whole)}</span>}
      </dd>
    </div>
  );
}
