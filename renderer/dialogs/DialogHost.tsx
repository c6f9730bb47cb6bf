import { DevicesDialog } from '../devices/DevicesDialog.tsx';
import { ParameterDialog } from '../parameter/ParameterDialog.tsx';
import { SetCopyDialog } from '../parameter/SetCopyDialog.tsx';
import { useAppInfo } from '../store/app-info.ts';
import { type DialogRequest, useDialogs } from '../store/dialogs.ts';
import { useDocuments } from '../store/documents.ts';
import { AboutDialog } from './AboutDialog.tsx';
import { CastDialog, FillDialog, RenameDialog, RenamePatternDialog, ScaleDialog } from './edit-dialogs.tsx';
import { OpenDialog } from './OpenDialog.tsx';
import { CloseDialog, OverwriteDialog, ReloadDialog } from './questions.tsx';
import { SaveAsDialog } from './SaveAsDialog.tsx';
import { TextDialog } from './TextDialog.tsx';

/** Shows the dialog that was asked for last. */
export function DialogHost() {
  const { request, close } = useDialogs();
  if (!request) return null;
  return <Requested key={JSON.stringify(request)} request={request} onClose={close} />;
}

function Requested({ request, onClose }: { readonly request: DialogRequest; readonly onClose: () => void }) {
  const roots = useAppInfo((state) => state.info?.roots ?? NO_ROOTS);
  switch (request.kind) {
    case 'open':
      return <OpenDialog roots={roots} onClose={onClose} />;
    case 'devices':
      return <DevicesDialog onClose={onClose} />;
    case 'about':
      return <AboutDialog onClose={onClose} />;
    case 'licences':
    case 'documentation':
      return <TextDialog text={request.kind} onClose={onClose} />;
    default:
      return <AskedOfDocument request={request} onClose={onClose} />;
  }
}

const NO_ROOTS: readonly never[] = [];

interface AskedOfDocumentProps {
  readonly request: Extract<DialogRequest, { readonly document: string }>;
  readonly onClose: () => void;
}

function AskedOfDocument({ request, onClose }: AskedOfDocumentProps) {
  const roots = useAppInfo((state) => state.info?.roots ?? NO_ROOTS);
  const document = useDocuments((state) => state.byId[request.document]);
  if (!document) return null;
  switch (request.kind) {
    case 'save-as':
      return <SaveAsDialog document={document} roots={roots} onClose={onClose} />;
    case 'overwrite':
      return <OverwriteDialog document={document} onClose={onClose} />;
    case 'close':
      return <CloseDialog document={document} onClose={onClose} />;
    case 'reload':
      return <ReloadDialog document={document} onClose={onClose} />;
    case 'rename':
      return <RenameDialog document={document.id} name={request.names[0] ?? ''} onClose={onClose} />;
    case 'rename-pattern':
      return <RenamePatternDialog document={document.id} pattern={request.pattern} onClose={onClose} />;
    case 'cast':
      return <CastDialog document={document.id} names={request.names} onClose={onClose} />;
    case 'fill':
      return <FillDialog document={document.id} names={request.names} onClose={onClose} />;
    case 'set-copy':
      return <SetCopyDialog target={request} device={request.device} onClose={onClose} />;
    case 'parameter':
      return <ParameterDialog request={request} onClose={onClose} />;
    case 'scale':
      return <ScaleDialog document={document.id} names={request.names} onClose={onClose} />;
  }
}
