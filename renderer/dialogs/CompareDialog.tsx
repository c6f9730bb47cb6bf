import { client } from '../api/client.ts';
import type { ComparedTensor, Comparison, DocumentSummary } from '../contract.ts';
import { formatFigure } from '../format/figures.ts';
import { formatCount, plural } from '../format/numbers.ts';
import { Dialog } from '../ui/Dialog.tsx';
import './save-plan.css';
import { useRequest } from '../ui/use-request.ts';

interface CompareDialogProps {
  readonly document: DocumentSummary;
  readonly other: DocumentSummary;
  readonly onClose: () => void;
}

/** Of each list; the command line's `diff` has them all. */
const SHOWN = 200;

/** What differs between two open documents, tensor by tensor. */
export function CompareDialog({ document, other, onClose }: CompareDialogProps) {
  const request = useRequest({
    subject: `${document.id} ${other.id}`,
    key: `${document.revision} ${other.revision}`,
    run: (signal) => client.documents.compare.query({ before: document.id, after: other.id }, { signal }),
  });
  return (
    <Dialog title={`${document.name} compared with ${other.name}`} onClose={onClose} wide>
      <div className="dialog-body">
        {request.failure && (
          <p role="alert" className="problem">
            {request.failure.message}
          </p>
        )}
        {request.pending && <output>Comparing…</output>}
        {request.cancelled && <p>The comparison was cancelled.</p>}
        {request.data && <Differences comparison={request.data} />}
      </div>
      <div className="dialog-buttons">
        <span className="spacer" />
        <button type="button" className="primary" data-autofocus onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function Differences({ comparison: { added, removed, changed, same } }: { readonly comparison: Comparison }) {
  const isSame = added.length + removed.length + changed.length === 0;
  return (
    <>
      <output>
        {isSame
          ? `All ${plural(same, 'tensor')} are identical.`
          : `${formatCount(changed.length)} changed, ${formatCount(added.length)} added, ${formatCount(removed.length)} removed, ${formatCount(same)} identical.`}
      </output>
      {changed.length > 0 && <ChangedTable changed={changed} />}
      <NameList title="Added" names={added} />
      <NameList title="Removed" names={removed} />
    </>
  );
}

function ChangedTable({ changed }: { readonly changed: readonly ComparedTensor[] }) {
  return (
    <section className="dialog-list" aria-label="Changed tensors">
      <table className="plain-table" aria-label="Changed">
        <thead>
          <tr>
            <th scope="col">Tensor</th>
            <th scope="col">Change</th>
            <th scope="col" className="number">
              Elements
            </th>
            <th scope="col" className="number">
              max |Δ|
            </th>
            <th scope="col" className="number">
              Relative L2
            </th>
          </tr>
        </thead>
        <tbody>
          {changed.slice(0, SHOWN).map(({ name, kind, before, after, changedCount, maxAbs, relL2 }) => (
            <tr key={name}>
              <th scope="row" className="mono">
                {name}
              </th>
              <td>{kind === 'value' ? 'values' : `${before} → ${after}`}</td>
              <td className="number">{changedCount === undefined ? '—' : formatCount(changedCount)}</td>
              <td className="number">{formatFigure(maxAbs ?? null)}</td>
              <td className="number">{formatFigure(relL2 ?? null)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <More left={changed.length - SHOWN} />
    </section>
  );
}

export function NameList({ title, names }: { readonly title: string; readonly names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <section className="dialog-list" aria-label={title}>
      <h3>{title}</h3>
      <ul className="mono" aria-label={title}>
        {names.slice(0, SHOWN).map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
      <More left={names.length - SHOWN} />
    </section>
  );
}

function More({ left }: { readonly left: number }) {
  return left > 0 ? <p className="muted">and {formatCount(left)} more</p> : null;
}
