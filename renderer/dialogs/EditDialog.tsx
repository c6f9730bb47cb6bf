import type { EditQuestion } from '../store/dialogs.ts';
import { CastDialog } from './CastDialog.tsx';
import { ComputeDialog } from './ComputeDialog.tsx';
import { ConcatenateDialog } from './ConcatenateDialog.tsx';
import { FillDialog, type NamesDialogProps, RenameDialog, ScaleDialog } from './edit-dialogs.tsx';
import { ReinitializeDialog } from './ReinitializeDialog.tsx';
import { ShapeDialog } from './ShapeDialog.tsx';
import { TieDialog } from './TieDialog.tsx';

/** The form of one kind of edit of whole tensors. */
export function EditDialog({ kind, ...asked }: NamesDialogProps & { readonly kind: EditQuestion }) {
  const { document, onClose } = asked;
  const [name = ''] = asked.names;
  switch (kind) {
    case 'rename':
      return <RenameDialog document={document} name={name} onClose={onClose} />;
    case 'cast':
      return <CastDialog {...asked} />;
    case 'fill':
      return <FillDialog {...asked} />;
    case 'scale':
      return <ScaleDialog {...asked} />;
    case 'reinitialize':
      return <ReinitializeDialog {...asked} />;
    case 'compute':
      return <ComputeDialog {...asked} />;
    case 'shape':
      return <ShapeDialog document={document} name={name} onClose={onClose} />;
    case 'tie':
      return <TieDialog {...asked} />;
    case 'concatenate':
      return <ConcatenateDialog {...asked} />;
  }
}
