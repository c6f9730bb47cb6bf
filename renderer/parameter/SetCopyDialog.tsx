import type { ParameterTarget } from '../actions/parameters.ts';
import { client } from '../api/client.ts';
import { Field } from '../ui/Field.tsx';
import { FormDialog, textOf } from '../ui/FormDialog.tsx';

interface SetCopyDialogProps {
  readonly target: ParameterTarget;
  readonly device: string;
  readonly onClose: () => void;
}

/** A write to one copy alone: copies of one Parameter may differ until Reset devices or a save takes their mean. */
export function SetCopyDialog({ target: { document, tensor }, device, onClose }: SetCopyDialogProps) {
  const set = async (form: FormData): Promise<void> => {
    const slice = textOf(form, 'slice').trim();
    await client.parameters.setCopy.mutate({ document, tensor, device, slice, value: textOf(form, 'value').trim() });
  };
  return (
    <FormDialog title={`Set the copy on ${device}`} submit="Set" onClose={onClose} onSubmit={set}>
      <p className="hint">
        Writes to this copy alone; the others and the document stay as they are. Reset devices puts the mean of all on
        every device.
      </p>
      <Field
        label="Elements"
        name="slice"
        className="mono"
        placeholder="..."
        hint="As between NumPy’s brackets: 0, 1:3, -1. Empty: all of them."
      />
      <Field label="Value" name="value" className="mono" required data-autofocus hint="Also nan, inf, true, 1+2j." />
    </FormDialog>
  );
}
