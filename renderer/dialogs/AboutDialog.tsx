import { useAppInfo } from '../store/app-info.ts';
import { useDialogs } from '../store/dialogs.ts';
import { Dialog } from '../ui/Dialog.tsx';

/** What this program is, which version of it, and on whose work it stands. */
export function AboutDialog({ onClose }: { readonly onClose: () => void }) {
  const version = useAppInfo((state) => state.info?.version);
  const ask = useDialogs((state) => state.ask);
  return (
    <Dialog title="About Parascope" onClose={onClose}>
      <div className="dialog-body">
        <p>
          <strong>Parascope {version}</strong>
        </p>
        <p>Look into neural-network checkpoints and edit them: every tensor is a live Gluon Parameter.</p>
        <p className="muted">Apache License 2.0</p>
      </div>
      <div className="dialog-buttons">
        <button type="button" onClick={() => ask({ kind: 'licences' })}>
          Licences…
        </button>
        <span className="spacer" />
        <button type="button" className="primary" data-autofocus onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
