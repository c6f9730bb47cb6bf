import { type ParameterTarget, zeroGradients } from '../actions/parameters.ts';
import type { ParameterSummary } from '../contract.ts';
import { BufferFacts, BufferList } from './BufferList.tsx';
import { ActionButton } from './ParameterActions.tsx';

interface GradientBuffersProps {
  readonly target: ParameterTarget;
  readonly parameter: ParameterSummary;
}

/** One beside each copy; a probe fills them. */
export function GradientBuffers({ target, parameter: { gradients, gradReq } }: GradientBuffersProps) {
  return (
    <BufferList
      label="Gradient buffers"
      empty={gradReq === 'null' ? 'None: grad_req is null.' : 'None yet. One is made beside each copy.'}
      action={
        gradients.some(({ lost }) => !lost) && (
          <ActionButton label="Zero" name="Zero gradients" run={() => zeroGradients(target)} />
        )
      }
    >
      {gradients.map((buffer) => (
        <li key={buffer.device} className="copy">
          <BufferFacts buffer={buffer} />
        </li>
      ))}
    </BufferList>
  );
}
