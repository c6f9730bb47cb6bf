import type { DocumentSummary } from '../contract.ts';
import { DevicesDialog } from '../devices/DevicesDialog.tsx';
import { ParameterDialog } from '../parameter/ParameterDialog.tsx';
import { SetCopyDialog } from '../parameter/SetCopyDialog.tsx';
import { useAppInfo } from '../store/app-info.ts';
import { type DialogRequest, useDialogs } from '../store/dialogs.ts';
import { useDocuments } from '../store/documents.ts';
import { AboutDialog } from './AboutDialog.tsx';
import { CompareWithDialog } from './CompareWithDialog.tsx';
import { CopyTensorsDialog } from './CopyTensorsDialog.tsx';
import { DroppedDialog } from './DroppedDialog.tsx';
import { EditDialog } from './EditDialog.tsx';
import { ExportEditsDialog } from './ExportEditsDialog.tsx';
import { OpenDialog } from './OpenDialog.tsx';
import { CloseDialog, OverwriteDialog, ReloadDialog } from './questions.tsx';
import { RenamePatternDialog } from './RenamePatternDialog.tsx';
import { SaveAsDialog } from './SaveAsDialog.tsx';
import { SavePlanDialog } from './SavePlanDialog.tsx';
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
    case 'rename-pattern':
      return (
        <RenamePatternDialog document={document.id} pattern={request.pattern} names={request.names} onClose={onClose} />
      );
    case 'set-copy':
      return <SetCopyDialog target={request} device={request.device} onClose={onClose} />;
    case 'parameter':
      return <ParameterDialog request={request} onClose={onClose} />;
    case 'export-edits':
      return <ExportEditsDialog document={document} onClose={onClose} />;
    case 'save-plan':
      return <SavePlanDialog document={document} file={request.file} onClose={onClose} />;
    case 'compare':
      return <CompareWithDialog document={document} onClose={onClose} />;
    case 'dropped':
    case 'copy-tensors':
      return <AskedOfTwo request={request} document={document} onClose={onClose} />;
    default:
      return <EditDialog kind={request.kind} document={document.id} names={request.names} onClose={onClose} />;
  }
}

interface AskedOfTwoProps {
  readonly request: Extract<DialogRequest, { readonly kind: 'dropped' | 'copy-tensors' }>;
  readonly document: DocumentSummary;
  readonly onClose: () => void;
}

function AskedOfTwo({ request, document, onClose }: AskedOfTwoProps) {
  const id = request.kind === 'copy-tensors' ? request.from : request.other;
  const other = useDocuments((state) => state.byId[id]);
  if (!other) return null;
  switch (request.kind) {
    case 'dropped':
      return <DroppedDialog document={document} other={other} isNew={request.isNew} onClose={onClose} />;
    case 'copy-tensors':
      return <CopyTensorsDialog document={document} from={other} ids={request.ids} onClose={onClose} />;
  }
}
