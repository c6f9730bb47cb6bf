import type { ParameterTarget } from '../actions/parameters.ts';
import { client } from '../api/client.ts';
import type { TensorDetail } from '../contract.ts';
import { chosenDType, DTypeSelect } from '../dialogs/DTypeSelect.tsx';
import { FormDialog } from '../ui/FormDialog.tsx';

interface CastParameterDialogProps {
  readonly target: ParameterTarget;
  readonly detail: TensorDetail;
  readonly onClose: () => void;
}

export function CastParameterDialog({ target, detail, onClose }: CastParameterDialogProps) {
  const cast = async (form: FormData): Promise<void> => {
    await client.parameters.cast.mutate({ ...target, dtype: chosenDType(form) });
  };
  return (
    <FormDialog title="Cast Parameter" submit="Cast" onClose={onClose} onSubmit={cast}>
      <p className="hint">
        Casts the copies and gradients on the devices. No edit: the document's value stays {detail.dtype}, and so does
        what Save writes.
      </p>
      <DTypeSelect />
    </FormDialog>
  );
}
