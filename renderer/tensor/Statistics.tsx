import type { Quantile, TensorStats } from '../contract.ts';
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
      <Value term="L1 norm" value={formatStatistic(stats.l1)} />
      <Share term="Zeros" part={stats.zeros} whole={count} />
      {stats.negatives !== null && <Share term="Negatives" part={stats.negatives} whole={count} />}
      {stats.distinct !== null && <Value term="Distinct values" value={formatCount(stats.distinct)} />}
      <Share term="NaNs" part={stats.nans} whole={count} alarming />
      <Share term="Infs" part={stats.infs} whole={count} alarming />
      {stats.quantiles?.map((quantile) => (
        <Value
          key={quantile.q}
          term={quantile.q === 0.5 ? 'Median' : `Quantile ${quantile.q}`}
          value={formatQuantile(quantile)}
          title={boundOf(quantile)}
        />
      ))}
    </dl>
  );
}

/** As many digits as are certain to mean something: bounded quantiles say that they are about right. */
function formatQuantile({ value, low, high }: Quantile): string {
  return low === high ? formatStatistic(value) : `≈ ${formatStatistic(Number(value.toPrecision(3)))}`;
}

function boundOf({ low, high }: Quantile): string {
  return low === high ? 'Exact' : `Between ${formatStatistic(low)} and ${formatStatistic(high)}`;
}

interface ValueProps {
  readonly term: string;
  readonly value: string;
  readonly title?: string;
}

function Value({ term, value, title }: ValueProps) {
  return (
    <div title={title}>
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
