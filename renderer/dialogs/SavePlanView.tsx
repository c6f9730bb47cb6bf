import type { SavePlan } from '../contract.ts';
import { formatBytes } from '../format/numbers.ts';
import { describeFile, describeRoom } from '../format/save-plan.ts';
import './save-plan.css';

/** What a save will do, in figures and sentences. */
export function SavePlanView({ plan }: { readonly plan: SavePlan }) {
  if (plan.action === 'none') return <p>Nothing has changed: nothing is written.</p>;
  return (
    <section className="save-plan" aria-label="What the save does">
      <ul aria-label="Files">
        {plan.files.map((file) => (
          <li key={file.name}>
            <strong className="mono">{file.name}</strong> {describeFile(file)}.
          </li>
        ))}
      </ul>
      <dl>
        <PlanFact term="Bytes to write" text={formatBytes(plan.bytesToWrite)} />
        <PlanFact term="Disk needed" text={describeRoom(plan)} warning={!plan.fits} />
        <PlanFact term="In place" text={plan.inPlace ? 'possible' : `no. ${plan.notInPlace ?? ''}`} />
      </dl>
      <Consequences title="Lost" lines={plan.losses} />
      <Consequences title="Besides" lines={plan.notes} />
      <Consequences
        title="Shared values"
        lines={plan.shared.map(({ name, with: others, stays, bytes }) =>
          stays
            ? `${name} shares its bytes with ${others.join(', ')}.`
            : `${name} gets ${formatBytes(bytes)} of its own, instead of sharing with ${others.join(', ')}.`,
        )}
      />
      <Consequences title="Quantized tensors" lines={plan.quantized} />
    </section>
  );
}

function PlanFact({ term, text, warning = false }: { term: string; text: string; warning?: boolean }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd className={warning ? 'warning' : undefined}>{text}</dd>
    </div>
  );
}

function Consequences({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <ul aria-label={title}>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}
