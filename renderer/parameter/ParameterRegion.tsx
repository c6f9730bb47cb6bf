import type { TensorDetail } from '../contract.ts';
import { DeviceCopies } from './DeviceCopies.tsx';
import { GradientBuffers } from './GradientBuffers.tsx';
import { GradReq } from './GradReq.tsx';
import { Multipliers } from './Multipliers.tsx';
import { ParameterActions } from './ParameterActions.tsx';
import './parameter.css';

interface ParameterRegionProps {
  readonly document: string;
  readonly detail: TensorDetail;
}

/** The tensor as Gluon sees it: one value, a copy per device, a gradient buffer per copy. */
export function ParameterRegion({ document, detail }: ParameterRegionProps) {
  const { parameter } = detail;
  const target = { document, tensor: detail.id };
  return (
    <section aria-label="Parameter" className="panel">
      <div className="panel-title">
        <h2>Parameter</h2>
        <span className="spacer" />
        <span className={`badge status-${parameter.status}`}>{parameter.status}</span>
      </div>
      <output aria-label="Initialization" className="initialization">
        <span className="visually-hidden">{parameter.status}. </span>
        {parameter.reason}
        {parameter.dtype !== detail.dtype && ` Cast to ${parameter.dtype} on the devices.`}
      </output>
      <ParameterActions target={target} detail={detail} />
      <GradReq target={target} value={parameter.gradReq} />
      <Multipliers target={target} parameter={parameter} />
      <DeviceCopies target={target} parameter={parameter} />
      <GradientBuffers target={target} parameter={parameter} />
    </section>
  );
}
