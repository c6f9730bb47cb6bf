import { client } from '../api/client.ts';
import type { DType } from '../contract.ts';
import { Problem } from '../ui/Problem.tsx';
import { useRequest } from '../ui/use-request.ts';
import { CAST_TARGETS, chosenDType, DTypeSelect } from './DTypeSelect.tsx';
import { EditFormDialog } from './EditFormDialog.tsx';
import { type NamesDialogProps, subject } from './edit-dialogs.tsx';

/** Offers the dtypes that the tensors can become and their file can hold. */
export function CastDialog({ document, names, onClose }: NamesDialogProps) {
  const allowed = useRequest({
    subject: document,
    key: JSON.stringify(names),
    run: (signal) => client.documents.castTargets.query({ document, names: [...names] }, { signal }),
  });
  const targets = allowed.data ? inUsualOrder(allowed.data) : CAST_TARGETS;
  return (
    <EditFormDialog
      document={document}
      title={`Cast ${subject(names)}`}
      submit="Cast"
      onClose={onClose}
      editOf={(form) => ({ kind: 'cast', select: [...names], dtype: chosenDType(form, targets) })}
    >
      <p className="hint">An edit of the document: Save writes the new type, Undo takes it back.</p>
      <DTypeSelect targets={targets} />
      {allowed.data?.length === 0 && (
        <Problem message="The file can hold these tensors in no other data type. Save as another format first, then cast there." />
      )}
    </EditFormDialog>
  );
}

/** Most wanted first. */
function inUsualOrder(allowed: readonly DType[]): readonly DType[] {
  const usual = CAST_TARGETS.filter((dtype) => allowed.includes(dtype));
  return [...usual, ...allowed.filter((dtype) => !usual.includes(dtype))];
}
