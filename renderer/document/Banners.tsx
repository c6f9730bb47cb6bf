import { useState } from 'react';
import { discardRecovery, reload, resume } from '../actions/documents.ts';
import type { DocumentSummary } from '../contract.ts';
import { plural } from '../format/numbers.ts';
import { useDialogs } from '../store/dialogs.ts';
import { Icon } from '../ui/Icon.tsx';
import { numbered } from '../ui/numbered.ts';

/** What the user must know before going on: the host's warnings, the file changed outside, an earlier run left edits. */
export function Banners({ document }: { readonly document: DocumentSummary }) {
  return (
    <>
      {numbered(document.warnings ?? []).map(({ place, item }) => (
        <WarningBanner key={`${place}: ${item}`} message={item} />
      ))}
      {document.recovery && <RecoveryBanner document={document} recovery={document.recovery} />}
      {document.disk !== 'same' && <DiskBanner key={document.disk} document={document} />}
    </>
  );
}

function WarningBanner({ message }: { readonly message: string }) {
  const [dismissed, setDismissed] = useState(false);
  if (dismissed) return null;
  return (
    <div role="alert" className="banner warning-banner">
      <Icon name="warning" />
      <p>{message}</p>
      <button type="button" onClick={() => setDismissed(true)}>
        Dismiss
      </button>
    </div>
  );
}

function DiskBanner({ document }: { readonly document: DocumentSummary }) {
  const [dismissed, setDismissed] = useState(false);
  if (dismissed) return null;
  const onReload = (): void => {
    if (document.dirty) useDialogs.getState().ask({ kind: 'reload', document: document.id });
    else void reload(document.id);
  };
  return (
    <div role="alert" className="banner warning-banner">
      <Icon name="warning" />
      <p>
        {document.disk === 'missing'
          ? 'The file is gone from the disk: values can no longer be read.'
          : 'The file was changed by another program since it was opened: values are no longer read from it.'}
      </p>
      <button type="button" onClick={onReload}>
        Reload
      </button>
      <button type="button" onClick={() => setDismissed(true)}>
        Keep my edits
      </button>
    </div>
  );
}

interface RecoveryBannerProps {
  readonly document: DocumentSummary;
  readonly recovery: NonNullable<DocumentSummary['recovery']>;
}

function RecoveryBanner({ document, recovery }: RecoveryBannerProps) {
  const when = new Date(recovery.savedAt).toLocaleString();
  return (
    <div role="alert" className="banner">
      <Icon name="undo" />
      <p>
        {plural(recovery.edits, 'edit')} of an earlier run, last made {when}, {recovery.edits === 1 ? 'was' : 'were'}{' '}
        not saved.
        {!recovery.fileUnchanged && ' The file has changed since: resume them only if they still fit.'}
      </p>
      <button type="button" className="primary" onClick={() => void resume(document.id)}>
        Resume edits
      </button>
      <button type="button" onClick={() => void discardRecovery(document.id)}>
        Discard
      </button>
    </div>
  );
}
