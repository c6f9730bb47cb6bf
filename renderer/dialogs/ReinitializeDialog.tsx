import type { Edit } from '../contract.ts';
import { InitializerFields, initializerIn, SeedField } from '../parameter/InitializerFields.tsx';
import { EditFormDialog } from './EditFormDialog.tsx';
import { type NamesDialogProps, subject } from './edit-dialogs.tsx';

/** Draws new values with any initializer; the seed is part of the edit, so that it can be done again. */
export function ReinitializeDialog({ document, names, onClose }: NamesDialogProps) {
  const reinitialize = (fields: FormData): Edit => ({
    kind: 'reinitialize',
    select: [...names],
    ...initializerIn(fields),
  });
  return (
    <EditFormDialog
      document={document}
      title={`Reinitialize ${subject(names)}`}
      submit="Reinitialize"
      onClose={onClose}
      editOf={reinitialize}
    >
      <p className="hint">An edit of the document: Save writes the new values, Undo takes them back.</p>
      <InitializerFields />
      <SeedField hint="A whole number makes the values the same wherever the edit is done. Empty: one is chosen and recorded." />
    </EditFormDialog>
  );
}
