import type { DeviceTotal } from '../contract.ts';
import { formatBytes } from '../format/numbers.ts';
import { useAdapter } from '../store/devices.ts';
import { useDialogs } from '../store/dialogs.ts';
import './device-memory.css';

/** What the live Parameters of the document take on each device: always in sight. */
export function DeviceMemory({ devices }: { readonly devices: readonly DeviceTotal[] }) {
  const ask = useDialogs((state) => state.ask);
  const most = Math.max(...devices.map(({ copies, gradients }) => copies + gradients));
  return (
    <div className="device-memory">
      <h2>Device memory</h2>
      <ul aria-label="Device memory">
        {devices.length === 0 && <li className="muted">No copies on devices</li>}
        {devices.map((total) => (
          <DeviceRow key={total.device} total={total} most={most} />
        ))}
      </ul>
      <span className="spacer" />
      <button type="button" onClick={() => ask({ kind: 'devices' })}>
        Devices…
      </button>
    </div>
  );
}

function DeviceRow({ total, most }: { readonly total: DeviceTotal; readonly most: number }) {
  const { device, copies, gradients } = total;
  const adapter = useAdapter(device);
  return (
    <li title={adapter ? `${adapter.name}${adapter.software ? ' (software)' : ''}` : undefined}>
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
  );
}
