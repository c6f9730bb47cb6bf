import { client } from '../api/client.ts';
import type { Edit, EditPreview } from '../contract.ts';
import { plural } from '../format/numbers.ts';
import { useRequest } from '../ui/use-request.ts';
import { useSettled } from '../ui/use-settled.ts';
import './edit-preview.css';

interface EditPreviewViewProps {
  readonly document: string;
  /** An edit as JSON; null while the fields make none. */
  readonly wanted: string | null;
  /** Why they make none. */
  readonly incomplete: string | null;
}

/** Of typing, before the host is asked. */
const SETTLE_MS = 200;

/** What an edit would do: its name in the history, the names that change, and what stands against it. */
export function EditPreviewView({ document, wanted, incomplete }: EditPreviewViewProps) {
  const settled = useSettled(wanted, SETTLE_MS);
  const preview = useRequest({
    subject: document,
    key: settled ?? '',
    run: (signal) => previewed(document, settled, signal),
  });
  const problem = wanted === null ? incomplete : (preview.failure?.message ?? null);
  const data = wanted === null || problem !== null ? null : preview.data;
  return (
    <section className="edit-preview" aria-label="Preview">
      <output className={problem === null ? 'hint' : 'hint warning'}>{problem ?? data?.label ?? ''}</output>
      {data?.objection && (
        <p role="alert" className="problem">
          {data.objection}
        </p>
      )}
      {data && data.renames.length > 0 && <Renames preview={data} />}
    </section>
  );
}

function Renames({ preview: { renames, renamesLeft } }: { readonly preview: EditPreview }) {
  return (
    <>
      <ul className="mono" aria-label="Names that change">
        {renames.map(({ from, to }) => (
          <li key={from}>
            {from} → {to}
          </li>
        ))}
      </ul>
      {renamesLeft > 0 && <p className="muted">and {plural(renamesLeft, 'more name')}</p>}
    </>
  );
}

async function previewed(document: string, wanted: string | null, signal: AbortSignal): Promise<EditPreview | null> {
  if (wanted === null) return null;
  return await client.documents.preview.query({ document, edit: JSON.parse(wanted) as Edit }, { signal });
}
