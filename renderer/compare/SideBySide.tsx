import { client } from '../api/client.ts';
import type { ComparisonSide, DocumentSummary, TensorStats } from '../contract.ts';
import { formatCount, formatShape, formatStatistic } from '../format/numbers.ts';
import { Problem } from '../ui/Problem.tsx';
import { type RequestState, useRequest } from '../ui/use-request.ts';
import { CopyFromOther } from './CopyFromOther.tsx';
import type { DetailProps } from './DifferenceDetail.tsx';
import { ElementAt } from './ElementAt.tsx';
import { formatPlace } from './place.ts';

/** Both tensors in two columns: what they are, their statistics, and what can be done with each. */
export function SideBySide({ row, before, after }: DetailProps) {
  const sides = [useSide(before, row.before), useSide(after, row.after)];
  const failure = sides.find(({ stats }) => stats.failure)?.stats.failure;
  const isPair = row.kind !== 'same' && row.kind !== 'renamed';
  return (
    <section aria-label="Side by side">
      <Problem message={failure?.message} />
      <table className="plain-table side-by-side" aria-busy={sides.some(({ stats }) => stats.pending)}>
        <thead>
          <tr>
            <td />
            {sides.map(({ document: { id, name } }) => (
              <th key={id} scope="col" title={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {placesOf(row).map(({ title, index }) => (
            <tr key={title}>
              <th scope="row">
                {title}
                <span className="mono element-place">{formatPlace(index, row.after?.shape ?? [])}</span>
              </th>
              {sides.map(({ document, tensor }) => (
                <td key={document.id}>
                  {tensor && <ElementAt title={title} index={index} document={document} tensor={tensor} />}
                </td>
              ))}
            </tr>
          ))}
          {LINES.map(({ term, of }) => (
            <tr key={term}>
              <th scope="row">{term}</th>
              {sides.map(({ document, tensor, stats }) => (
                <td key={document.id} className="mono">
                  {tensor ? of(tensor, stats.data) : '—'}
                </td>
              ))}
            </tr>
          ))}
          {isPair && (
            <tr>
              <th scope="row">Take over</th>
              <td>{row.after && <CopyFromOther tensor={row.after} from={after} to={before} />}</td>
              <td>{row.before && <CopyFromOther tensor={row.before} from={before} to={after} />}</td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}

/** Where the sides differ first and most. */
function placesOf({ diff }: DetailProps['row']): readonly { readonly title: string; readonly index: number }[] {
  return [
    { title: 'First difference', index: diff?.firstIndex ?? null },
    { title: 'Largest difference', index: diff?.maxIndex ?? null },
  ].flatMap(({ title, index }) => (index === null ? [] : [{ title, index }]));
}

interface SideState {
  readonly document: DocumentSummary;
  readonly tensor: ComparisonSide | null;
  readonly stats: RequestState<TensorStats | null>;
}

function useSide(document: DocumentSummary, tensor: ComparisonSide | null): SideState {
  const subject = `${document.id}/${tensor?.id}`;
  const stats = useRequest<TensorStats | null>({
    subject,
    key: `${subject}:${document.revision}`,
    run: async (signal) =>
      tensor && (await client.tensors.stats.query({ document: document.id, tensor: tensor.id }, { signal })),
  });
  return { document, tensor, stats };
}

interface Line {
  readonly term: string;
  readonly of: (tensor: ComparisonSide, stats: TensorStats | null) => string;
}

const LINES: readonly Line[] = [
  { term: 'Type', of: ({ dtype }) => dtype },
  { term: 'Shape', of: ({ shape }) => formatShape(shape) },
  statistic('Min', ({ min }) => min),
  statistic('Max', ({ max }) => max),
  statistic('Mean', ({ mean }) => mean),
  statistic('Std', ({ std }) => std),
  statistic('L2 norm', ({ l2 }) => l2),
  count('Zeros', ({ zeros }) => zeros),
  count('NaNs', ({ nans }) => nans),
  count('Infs', ({ infs }) => infs),
];

function statistic(term: string, value: (stats: TensorStats) => number | null): Line {
  return { term, of: (_tensor, stats) => (stats ? formatStatistic(value(stats)) : '…') };
}

function count(term: string, value: (stats: TensorStats) => number): Line {
  return { term, of: (_tensor, stats) => (stats ? formatCount(value(stats)) : '…') };
}
