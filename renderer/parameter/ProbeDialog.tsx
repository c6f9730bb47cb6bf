import { useId, useState } from 'react';
import type { ParameterTarget } from '../actions/parameters.ts';
import { client } from '../api/client.ts';
import type { ProbeInput, ProbeResult, TensorDetail } from '../contract.ts';
import { useDocuments } from '../store/documents.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';
import { textOf } from '../ui/FormDialog.tsx';
import { Problem } from '../ui/Problem.tsx';
import { SelectField } from '../ui/SelectField.tsx';
import { useSubmit } from '../ui/use-submit.ts';
import { ProbeResults } from './ProbeResults.tsx';
import { guessProbe, probeKindsFor } from './probe-guess.ts';

interface ProbeDialogProps {
  readonly target: ParameterTarget;
  readonly detail: TensorDetail;
  readonly onClose: () => void;
}

const BATCHES = ['random', 'ones', 'open tensor'] as const;
type Batch = (typeof BATCHES)[number];

/** Forward and backward on the live copies: it stays open, so that one run can follow another. */
export function ProbeDialog({ target, detail, onClose }: ProbeDialogProps) {
  const [result, setResult] = useState<ProbeResult | null>(null);
  const { problem, busy, submit } = useSubmit(async (form) => {
    setResult(await client.parameters.probe.mutate({ ...target, ...probeInput(form, detail) }));
  });
  return (
    <Dialog title="Probe" onClose={onClose} wide>
      <form onSubmit={submit}>
        <div className="dialog-body">
          <p className="hint">
            Runs the layer that this Parameter is the weight of, forward and backward, on every device that holds a
            copy. The loss is the mean of the squares of the output.
            {detail.parameter.gradReq === 'null' && ' grad_req is null, so there is no backward pass.'}
          </p>
          <ProbeFields detail={detail} document={target.document} />
          {result && <ProbeResults result={result} />}
        </div>
        <Problem message={problem} />
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

function ProbeFields({ detail, document }: Pick<ProbeDialogProps, 'detail'> & { readonly document: string }) {
  const [batch, setBatch] = useState<Batch>('random');
  const kinds = probeKindsFor(detail.shape);
  return (
    <div className="probe-fields">
      <SelectField label="Tensor is" name="as" options={kinds} initial={guessProbe(detail.name, detail.shape)} />
      <SelectField label="Batch" name="batch" options={BATCHES} value={batch} onChange={setBatch} />
      <CountField label="Passes" name="times" initial={1} least={1} most={100} />
      {batch === 'open tensor' && <BatchTensorFields document={document} />}
      {batch !== 'open tensor' && <CountField label="Batch size" name="batchSize" initial={8} least={1} most={4096} />}
      {batch === 'random' && (
        <CountField label="Seed" name="seed" initial={0} least={0} most={Number.MAX_SAFE_INTEGER} />
      )}
    </div>
  );
}

/** A batch out of an open document: this one, or another that was opened for it. */
function BatchTensorFields({ document }: { readonly document: string }) {
  const { order, byId } = useDocuments();
  const id = useId();
  return (
    <>
      <div className="field">
        <label htmlFor={id}>Document</label>
        <select id={id} name="batchDocument" defaultValue={document}>
          {order.map((open) => (
            <option key={open} value={open}>
              {byId[open]?.name}
            </option>
          ))}
        </select>
      </div>
      <div className="probe-wide">
        <Field
          label="Tensor"
          name="batchTensor"
          className="mono"
          required
          hint="By its whole name; its first axis counts examples."
        />
      </div>
    </>
  );
}

interface CountFieldProps {
  readonly label: string;
  readonly name: string;
  readonly initial: number;
  readonly least: number;
  readonly most: number;
}

function CountField({ label, name, initial, least, most }: CountFieldProps) {
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

function probeInput(form: FormData, { shape }: TensorDetail): Omit<ProbeInput, 'document' | 'tensor'> {
  const as = probeKindsFor(shape).find((kind) => kind === form.get('as'));
  const chosen = BATCHES.find((kind) => kind === form.get('batch'));
  if (!as || !chosen) throw new Error('Choose what the tensor is and what the batch holds.');
  const batch =
    chosen === 'open tensor'
      ? { document: textOf(form, 'batchDocument'), name: textOf(form, 'batchTensor').trim() }
      : chosen;
  const number = (name: string, absent: number): number => Number(form.has(name) ? textOf(form, name) : absent);
  return { as, batch, seed: number('seed', 0), batchSize: number('batchSize', 1), times: number('times', 1) };
}
