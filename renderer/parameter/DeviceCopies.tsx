import { type ParameterTarget, restoreParameter } from '../actions/parameters.ts';
import type { DeviceCopy, ParameterSummary } from '../contract.ts';
import { formatFigure } from '../format/figures.ts';
import { useDialogs } from '../store/dialogs.ts';
import { BufferFacts, BufferList } from './BufferList.tsx';
import { CopyStatistics } from './CopyStatistics.tsx';
import { ActionButton } from './ParameterActions.tsx';

interface DeviceCopiesProps {
  readonly target: ParameterTarget;
  readonly parameter: ParameterSummary;
}

/** A row per copy, with how far it is from the mean of all, which is what Gluon would save. */
export function DeviceCopies({ target, parameter: { copies } }: DeviceCopiesProps) {
  return (
    <BufferList
      label="Device copies"
      empty="None: the value is read from the file."
      action={copies.some(({ lost }) => lost) && <ActionButton label="Restore" run={() => restoreParameter(target)} />}
    >
      {copies.map((copy) => (
        <li key={copy.device} className="copy">
          <BufferFacts buffer={copy} />
          {!copy.lost && (
            <>
              <button
                type="button"
                className="quiet"
                aria-label={`Set… the copy on ${copy.device}`}
                onClick={() => useDialogs.getState().ask({ kind: 'set-copy', ...target, device: copy.device })}
              >
                Set…
              </button>
              {copies.length > 1 && <Distance distance={copy.distance} />}
              {copy.failure === null && (
                <CopyStatistics target={target} copy={copy} isOneOfSeveral={copies.length > 1} />
              )}
            </>
          )}
        </li>
      ))}
    </BufferList>
  );
}

function Distance({ distance }: Pick<DeviceCopy, 'distance'>) {
  return (
    <span
      className={`copy-distance ${distance === 0 ? 'muted' : 'warning'}`}
      title="L2 distance from the mean of the copies"
    >
      {distance === 0 ? 'equals the mean' : `${formatFigure(distance)} from the mean`}
    </span>
  );
}
