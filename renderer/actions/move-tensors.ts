import { plural } from '../format/numbers.ts';
import { useDialogs } from '../store/dialogs.ts';
import { useDocuments } from '../store/documents.ts';
import { type MovingTensors, useMovingTensors } from '../store/moving-tensors.ts';
import { useNotices } from '../store/notices.ts';

/** Keeps tensors to be pasted into this or another document. */
export function copyTensors(tensors: MovingTensors): void {
  if (tensors.ids.length === 0) return;
  useMovingTensors.getState().copy(tensors);
  const count = plural(tensors.ids.length, 'tensor');
  useNotices.getState().add('info', `${count} copied. Paste tensors puts copies into the document you go to.`);
}

/** Asks how the copied tensors go into `document`. */
export function pasteTensors(document: string): void {
  const { copied } = useMovingTensors.getState();
  const notices = useNotices.getState();
  if (!copied) notices.add('error', 'There are no tensors to paste: choose some and copy them first.');
  else if (!useDocuments.getState().byId[copied.document]) {
    notices.add('error', 'The document of the copied tensors was closed: open it and copy them again.');
  } else askToCopy(copied, document);
}

export function askToCopy({ document: from, ids }: MovingTensors, document: string): void {
  useDialogs.getState().ask({ kind: 'copy-tensors', document, from, ids });
}
