import { edit } from '../actions/documents.ts';
import { reporting } from '../actions/report.ts';
import type { TensorDetail } from '../contract.ts';

interface SharedElementsProps {
  readonly document: string;
  readonly detail: TensorDetail;
}

/** Which tensors are the same elements as this one, and which others lie in the same bytes of the file. */
export function SharedElements({ document, detail: { name, tiedTo, sharedWith } }: SharedElementsProps) {
  const views = sharedWith.filter((other) => !tiedTo.includes(other));
  const untie = (): void => void reporting(() => edit(document, { kind: 'untie', select: [name] }));
  return (
    <>
      {tiedTo.length > 0 && (
        <section aria-label="Tied to" className="panel">
          <div className="panel-title">
            <h3>Tied to</h3>
            <span className="spacer" />
            <button type="button" className="small" title="Gives this tensor elements of its own" onClick={untie}>
              Untie
            </button>
          </div>
          <Names names={tiedTo} />
        </section>
      )}
      {views.length > 0 && (
        <section aria-label="Shares its stored bytes" className="panel">
          <h3>Shares its stored bytes with</h3>
          <Names names={views} />
        </section>
      )}
    </>
  );
}

function Names({ names }: { readonly names: readonly string[] }) {
  return (
    <ul className="history-list">
      {names.map((name) => (
        <li key={name} className="mono">
          {name}
        </li>
      ))}
    </ul>
  );
}
