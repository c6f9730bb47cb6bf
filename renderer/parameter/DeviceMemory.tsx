import type { DeviceTotal } from '../contract.ts';
import { formatBytes } from '../format/numbers.ts';
import './device-memory.css';

/** What the live Parameters of the document take on each device: always in sight. */
export function DeviceMemory({ devices }: { readonly devices: readonly DeviceTotal[] }) {
  const most = Math.max(...devices.map(({ copies, gradients }) => copies + gradients));
  return (
    <div className="device-memory">
      <h2>Device memory</h2>
      <ul aria-label="Device memory">
        {devices.length === 0 && <li className="muted">No copies on devices</li>}
        {devices.map(({ device, copies, gradients }) => (
          <li key={device}>
            <span className="mono">{device}</span>
            <span className="device-bar" aria-hidden="true">
              <span className="device-bar-copies" style={{ width: `${(copies / most) * 100}%` }} />
              <span className="device-bar-gradients" style={{ width: `${(gradients / most) * 100}%` }} />
            </span>
            <strong className="number">{formatBytes(copies + gradients)}</strong>
            <span className="muted">
              {formatBytes(copies)} copies, {formatBytes(gradients)} gradients
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
