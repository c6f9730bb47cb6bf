import { type FormEvent, useState } from 'react';
import type { ParameterTarget } from '../actions/parameters.ts';
import { client } from '../api/client.ts';
import { failureOf, isCancelled } from '../api/errors.ts';
import type { ProbeResult, ProbeSpec, TensorDetail } from '../contract.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';
import { textOf } from '../ui/FormDialog.tsx';
import { SelectField } from '../ui/SelectField.tsx';
import { ProbeResults } from './ProbeResults.tsx';
import { guessProbe, probeKindsFor } from './probe-guess.ts';

interface ProbeDialogProps {
  readonly target: ParameterTarget;
  readonly detail: TensorDetail;
  readonly onClose: () => void;
}

const BATCHES = ['random', 'ones'] as const satisfies readonly ProbeSpec['batch'][];

/** Forward and backward on the live copies: it stays open, so that one run can follow another. */
export function ProbeDialog({ target, detail, onClose }: ProbeDialogProps) {
  const [result, setResult] = useState<ProbeResult | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      setResult(await client.parameters.probe.mutate({ ...target, ...probeSpec(form, detail) }));
    } catch (error) {
      if (!isCancelled(error)) setProblem(failureOf(error).message);
    }
    setBusy(false);
  };
  return (
    <Dialog title="Probe" onClose={onClose} wide>
      <form onSubmit={(event) => void run(event)}>
        <div className="dialog-body">
          <p className="hint">
            Runs the layer that this Parameter is the weight of, forward and backward, on every device that holds a
            copy. The loss is the mean of the squares of the output.
            {detail.parameter.gradReq === 'null' && ' grad_req is null, so there is no backward pass.'}
          </p>
          <ProbeFields detail={detail} />
          {result && <ProbeResults result={result} />}
        </div>
        {problem !== null && (
          <p role="alert" className="problem">
            {problem}
          </p>
        )}
        <div className="dialog-buttons">
          <span className="spacer" />
          <button type="button" onClick={onClose}>
            Close
          </button>
          <button type="submit" className="primary" disabled={busy}>
            {busy ? 'Running…' : 'Run'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function ProbeFields({ detail }: Pick<ProbeDialogProps, 'detail'>) {
  const kinds = probeKindsFor(detail.shape);
  return (
    <div className="probe-fields">
      <SelectField label="Tensor is" name="as" options={kinds} initial={guessProbe(detail.name, detail.shape)} />
      <SelectField label="Batch" name="batch" options={BATCHES} initial="random" />
      <NumberField label="Seed" name="seed" initial={0} least={0} most={Number.MAX_SAFE_INTEGER} />
      <NumberField label="Batch size" name="batchSize" initial={8} least={1} most={4096} />
      <NumberField label="Passes" name="times" initial={1} least={1} most={100} />
    </div>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly name: string;
  readonly initial: number;
  readonly least: number;
  readonly most: number;
}

function NumberField({ label, name, initial, least, most }: NumberFieldProps) {
  return (
    <Field
      label={label}
      name={name}
      type="number"
      className="mono"
      defaultValue={initial}
      min={least}
      max={most}
      required
    />
  );
}

function probeSpec(form: FormData, { shape }: TensorDetail): ProbeSpec {
  const as = probeKindsFor(shape).find((kind) => kind === form.get('as'));
  const batch = BATCHES.find((kind) => kind === form.get('batch'));
  if (!as || !batch) throw new Error('Choose what the tensor is and what the batch holds.');
  const number = (name: string): number => Number(textOf(form, name));
  return { as, batch, seed: number('seed'), batchSize: number('batchSize'), times: number('times') };
}
