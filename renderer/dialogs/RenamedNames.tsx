import type { RenamePreview } from '../contract.ts';
import { formatCount, plural } from '../format/numbers.ts';
import { Problem } from '../ui/Problem.tsx';

/** More than that nobody reads. */
const SHOWN = 200;

/** What a replacement does to names, those that cannot be first. */
export function RenamedNames({ preview }: { readonly preview: RenamePreview }) {
  const { renamed, tensors, problems, pairs, objection } = preview;
  const impossible = pairs.filter(({ problem }) => problem !== null);
  const ordered = [...impossible, ...pairs.filter(({ problem }) => problem === null)];
  return (
    <>
      <output className="hint">
        {renamed > 0 && `${formatCount(renamed)} of ${plural(tensors, 'name')} change${renamed === 1 ? 's' : ''}.`}
      </output>
      {problems > 0 && (
        <Problem message={`${plural(problems, 'new name')} cannot be: nothing is renamed while one of them stands.`} />
      )}
      <Problem message={objection} />
      <ChangedNames pairs={ordered.slice(0, SHOWN)} left={renamed - Math.min(SHOWN, ordered.length)} />
    </>
  );
}

interface ChangedNamesProps {
  readonly pairs: readonly { readonly from: string; readonly to: string; readonly problem?: string | null }[];
  /** How many more there are. */
  readonly left: number;
}

/** Names before and after. */
export function ChangedNames({ pairs, left }: ChangedNamesProps) {
  if (pairs.length === 0) return null;
  return (
    <>
      <ul className="mono" aria-label="Names that change">
        {pairs.map(({ from, to, problem = null }) => (
          <li key={from}>
            {from} → {to}
            {problem !== null && <span className="renamed-problem warning">{problem}</span>}
          </li>
        ))}
      </ul>
      {left > 0 && <p className="muted">and {plural(left, 'more name')}</p>}
    </>
  );
}
