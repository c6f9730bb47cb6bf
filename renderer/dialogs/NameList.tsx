import { formatCount } from '../format/numbers.ts';
import './save-plan.css';

/** So many names are listed; how many more there are is said. */
const SHOWN = 200;

export function NameList({ title, names }: { readonly title: string; readonly names: readonly string[] }) {
  if (names.length === 0) return null;
  const left = names.length - SHOWN;
  return (
    <section className="dialog-list" aria-label={title}>
      <h3>{title}</h3>
      <ul className="mono" aria-label={title}>
        {names.slice(0, SHOWN).map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
      {left > 0 && <p className="muted">and {formatCount(left)} more</p>}
    </section>
  );
}
