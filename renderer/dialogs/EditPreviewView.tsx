import { client } from '../api/client.ts';
import type { Edit, EditPreview, RenamePreview } from '../contract.ts';
import { useRequest } from '../ui/use-request.ts';
import { useSettled } from '../ui/use-settled.ts';
import { ChangedNames, RenamedNames } from './RenamedNames.tsx';
import './edit-preview.css';
import { Problem } from '../ui/Problem.tsx';

/** Of typing, before the host is asked. */
const SETTLE_MS = 200;

type Preview =
  | { readonly kind: 'edit'; readonly edit: EditPreview }
  /** Of a replacement in names, with all that stands against it. */
  | { readonly kind: 'names'; readonly names: RenamePreview };

interface EditPreviewState {
  readonly preview: Preview | null;
  /** Why the host would refuse the edit. */
  readonly refusal: string | null;
}

/** What an edit, as JSON, would do; null while the fields make none. */
export function useEditPreview(document: string, wanted: string | null): EditPreviewState {
  const settled = useSettled(wanted, SETTLE_MS);
  const { data, failure } = useRequest({
    subject: document,
    key: settled ?? '',
    run: (signal) => (settled === null ? Promise.resolve(null) : previewed(document, settled, signal)),
  });
  if (wanted === null) return { preview: null, refusal: null };
  return { preview: data, refusal: failure?.message ?? nothingRenamed(data) };
}

function nothingRenamed(preview: Preview | null): string | null {
  if (preview?.kind !== 'names' || preview.names.renamed > 0) return null;
  return `None of the ${preview.names.tensors} names changes.`;
}

async function previewed(document: string, wanted: string, signal: AbortSignal): Promise<Preview> {
  const edit = JSON.parse(wanted) as Edit;
  if (edit.kind !== 'rename-pattern') {
    return { kind: 'edit', edit: await client.documents.preview.query({ document, edit }, { signal }) };
  }
  const { pattern, replacement, select } = edit;
  const names = typeof select === 'string' ? [select] : select;
  const asked = { document, pattern, replacement, ...(names && { select: names }) };
  return { kind: 'names', names: await client.documents.previewRename.query(asked, { signal }) };
}

interface EditPreviewViewProps {
  readonly preview: Preview | null;
  /** Why there is no edit to speak of, where no field says so. */
  readonly problem: string | null;
}

/** What an edit would do: its name in the history, the names that change, and what stands against it. */
export function EditPreviewView({ preview, problem }: EditPreviewViewProps) {
  return (
    <section className="edit-preview" aria-label="Preview">
      {problem !== null && <output className="hint warning">{problem}</output>}
      {preview?.kind === 'edit' && <PreviewedEdit preview={preview.edit} />}
      {preview?.kind === 'names' && <RenamedNames preview={preview.names} />}
    </section>
  );
}

function PreviewedEdit({ preview: { label, objection, renames, renamesLeft } }: { readonly preview: EditPreview }) {
  return (
    <>
      <output className="hint">{label}</output>
      <Problem message={objection} />
      <ChangedNames pairs={renames} left={renamesLeft} />
    </>
  );
}
