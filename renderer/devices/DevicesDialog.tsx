import { useEffect } from 'react';
import { lookAtDevices } from '../actions/devices.ts';
import type { DeviceSummary } from '../contract.ts';
import { formatBytes } from '../format/numbers.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { useRequest } from '../ui/use-request.ts';
import './devices.css';

const LOOK_AGAIN_MS = 2_000;

/** Every device that can hold copies, what is behind it, and what it holds at this moment. */
export function DevicesDialog({ onClose }: { readonly onClose: () => void }) {
  const { data, failure, retry } = useRequest({ subject: 'devices', key: 'devices', run: lookAtDevices });
  useEffect(() => {
    const timer = setInterval(retry, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [retry]);
  return (
    <Dialog title="Devices" onClose={onClose} wide>
      <div className="dialog-body">
        {!data && !failure && <p role="status">Looking for devices…</p>}
        {failure && <p role="alert">{failure.message}</p>}
        <ul className="devices" aria-label="Devices">
          {data?.devices.map((device) => (
            <DeviceItem key={device.device} device={device} />
          ))}
        </ul>
        {data?.reason && <p className="muted">No GPU: {data.reason}</p>}
        <p className="muted">
          A tensor is put on devices with Load, Initialize… or Reset devices… in its Parameter panel. Several logical
          devices on one GPU: start with --logical-gpus N.
        </p>
      </div>
      <div className="dialog-buttons">
        <span className="spacer" />
        <button type="button" className="primary" data-autofocus onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function DeviceItem({ device }: { readonly device: DeviceSummary }) {
  const { adapter, backend, driver, held, maxArrayBytes, memoryBudget, software } = device;
  return (
    <li>
      <strong className="mono">{device.device}</strong>
      <span>
        {adapter} {software && <em className="device-software">software</em>}
      </span>
      <span className="muted">
        {backend} · {driver}
      </span>
      <span className="device-use">
        <progress aria-label={`Memory held on ${device.device}`} value={held} max={Math.max(memoryBudget, 1)} />
        <span className="number">
          {formatBytes(held)} held of {formatBytes(memoryBudget)}
        </span>
      </span>
      <span className="muted">Largest array {formatBytes(maxArrayBytes)}</span>
    </li>
  );
}
