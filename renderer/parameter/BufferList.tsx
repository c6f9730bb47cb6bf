import type { ReactNode } from 'react';
import type { DeviceBuffer } from '../contract.ts';
import { formatFigure } from '../format/figures.ts';
import { formatBytes, plural } from '../format/numbers.ts';

interface BufferListProps {
  readonly label: string;
  /** Said where there are none. */
  readonly empty: string;
  /** What can be done with all of them. */
  readonly action: ReactNode;
  readonly children: readonly ReactNode[];
}

export function BufferList({ label, empty, action, children }: BufferListProps) {
  return (
    <div className="buffer-list">
      <div className="buffer-list-title">
        <h3>{label}</h3>
        {action}
      </div>
      <ul aria-label={label}>{children.length > 0 ? children : <li className="muted">{empty}</li>}</ul>
    </div>
  );
}

export function BufferFacts({ buffer }: { readonly buffer: DeviceBuffer }) {
  const { device, dtype, bytes, lost, norm, failure } = buffer;
  return (
    <>
      <span className="copy-device mono">{device}</span>
      <span className="mono muted">{dtype}</span>
      <span className="number" title={plural(bytes, 'byte')}>
        {formatBytes(bytes)}
      </span>
      <span className="copy-norm">
        {lost || failure !== null ? (
          <span className="alarm-text">{lost ? 'lost' : failure}</span>
        ) : (
          `norm ${formatFigure(norm)}`
        )}
      </span>
    </>
  );
}
