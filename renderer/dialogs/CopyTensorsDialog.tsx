import { useState } from 'react';
import { client } from '../api/client.ts';
import { fetchListing } from '../api/fetch-listing.ts';
import type { DocumentSummary, DType } from '../contract.ts';
import { plural } from '../format/numbers.ts';
import { useDocuments } from '../store/documents.ts';
import { FormDialog, textOf } from '../ui/FormDialog.tsx';
import { Problem } from '../ui/Problem.tsx';
import { RadioField, type RadioOption } from '../ui/RadioField.tsx';
import { useRequest } from '../ui/use-request.ts';
import { CopyTypeField } from './CopyTypeField.tsx';
import { type CopyPlan, copyPlan } from './copy-plan.ts';
import { CAST_TARGETS } from './DTypeSelect.tsx';
import { NameList } from './NameList.tsx';

interface CopyTensorsDialogProps {
  readonly document: DocumentSummary;
  readonly from: DocumentSummary;
  readonly ids: readonly number[];
  readonly onClose: () => void;
}

type Collisions = 'replace' | 'rename' | 'skip';

const CHOICES: readonly RadioOption<Collisions>[] = [
  { value: 'replace', label: 'Replace the tensors here' },
  { value: 'rename', label: 'Keep both: the copies get new names' },
  { value: 'skip', label: 'Leave them out' },
];

/** Copies tensors of one open document into another, with a choice where names collide. */
export function CopyTensorsDialog({ document, from, ids, onClose }: CopyTensorsDialogProps) {
  const [choice, setChoice] = useState<Collisions | null>(null);
  const plan = useRequest({
    subject: `${from.id} ${document.id}`,
    key: `${from.listingRevision} ${document.listingRevision}`,
    run: async (signal) => {
      const [source, target] = await Promise.all([fetchListing(from.id, signal), fetchListing(document.id, signal)]);
      return copyPlan(source, ids, target);
    },
  });
  const collides = (plan.data?.colliding.length ?? 0) > 0;
  const copy = async (form: FormData): Promise<void> => {
    if (!plan.data) throw new Error('The names are still being compared.');
    if (collides && choice === null) throw new Error('Choose what happens where names collide.');
    const summary = await client.documents.copyTensors.mutate({
      document: document.id,
      from: from.id,
      tensors: [...ids],
      collision: collides && choice !== null ? choice : 'refuse',
      dtype: copiedType(textOf(form, 'dtype')),
      shape: form.has('shape') ? 'target' : 'source',
    });
    useDocuments.getState().put(summary);
  };
  return (
    <FormDialog
      title={`Copy ${plural(ids.length, 'tensor')} into ${document.name}`}
      submit="Copy"
      wide
      onClose={onClose}
      onSubmit={copy}
    >
      <p>
        From <strong className="mono">{from.name}</strong>, with the edits made there. The copies are one edit, which
        can be undone.
      </p>
      <Problem message={plan.failure?.message} />
      {plan.data && <PlannedCopies plan={plan.data} />}
      {collides && <RadioField legend="Where names collide" options={CHOICES} value={choice} onChange={setChoice} />}
      <CopyTypeField replaces={collides && choice === 'replace'} />
    </FormDialog>
  );
}

function PlannedCopies({ plan: { fresh, colliding } }: { readonly plan: CopyPlan }) {
  return (
    <>
      <NameList title={`New here: ${plural(fresh.length, 'tensor')}`} names={fresh} />
      <NameList
        title={`Names that are here already: ${colliding.length}`}
        names={colliding.map(({ name, copied, held }) =>
          copied === held ? `${name}: ${copied}` : `${name}: ${copied}, here ${held}`,
        )}
      />
    </>
  );
}

function copiedType(text: string): DType | 'source' | 'target' {
  if (text === 'target') return 'target';
  return CAST_TARGETS.find((dtype) => dtype === text) ?? 'source';
}
