import { useState } from 'react';
import { download, saveTo } from '../actions/documents.ts';
import { reporting } from '../actions/report.ts';
import { client } from '../api/client.ts';
import { isCancelled } from '../api/errors.ts';
import type { DocumentSummary, FileRef, Root, SavePlan } from '../contract.ts';
import { useAppInfo } from '../store/app-info.ts';
import { Field } from '../ui/Field.tsx';
import { FormDialog } from '../ui/FormDialog.tsx';
import { useRequest } from '../ui/use-request.ts';
import { useSettled } from '../ui/use-settled.ts';
import { FileBrowser, type Folder, joinPath, useFolder } from './FileBrowser.tsx';
import { FormatField } from './FormatField.tsx';
import { SavePlanView } from './SavePlanView.tsx';

interface SaveAsDialogProps {
  readonly document: DocumentSummary;
  readonly roots: readonly Root[];
  readonly onClose: () => void;
}

/** Saves under one of the server's folders, or hands a copy to the browser. */
export function SaveAsDialog({ document, roots, onClose }: SaveAsDialogProps) {
  const formats = useAppInfo((state) => state.info?.formats ?? NO_FORMATS);
  const [folder, setFolder] = useFolder(roots);
  const [name, setName] = useState(document.saveAsName);
  const [replacing, setReplacing] = useState<string | null>(null);
  const path = folder ? joinPath(folder.path, name.trim()) : name.trim();
  const target = `${folder?.root}:${path}`;

  const settled = useSettled(target, 300);
  const plan = useRequest({
    subject: target,
    key: `${settled} ${document.revision}`,
    run: (signal) => plannedAt(document.id, folder && { kind: 'root', root: folder.root, path }, signal),
  });

  const fetchCopy = (): void => {
    onClose();
    void reporting(() => download(document.id, name.trim()));
  };
  const save = async (): Promise<void> => {
    if (!folder) return fetchCopy();
    if (replacing !== target && (await exists(folder, name.trim()))) {
      setReplacing(target);
      throw new Error(`${name.trim()} is here already. Replace it, or choose another name.`);
    }
    await saveTo(document.id, { kind: 'root', root: folder.root, path });
  };

  return (
    <FormDialog
      title="Save as"
      submit={folder ? (replacing === target ? 'Replace' : 'Save') : 'Download'}
      danger={replacing === target}
      wide
      onClose={onClose}
      onSubmit={save}
      actions={
        folder && (
          <button type="button" onClick={fetchCopy} disabled={name.trim() === ''}>
            Download
          </button>
        )
      }
    >
      <Field
        label="File name"
        className="mono"
        value={name}
        required
        onChange={(event) => setName(event.target.value)}
        data-autofocus
      />
      <FormatField formats={formats} name={name} onName={setName} />
      {folder ? (
        <FileBrowser roots={roots} folder={folder} onFolder={setFolder} onFile={(entry) => setName(entry.name)} />
      ) : (
        <p className="muted">This server shows no folders to save in; the browser downloads the file.</p>
      )}
      {plan.data && <SavePlanView plan={plan.data} />}
    </FormDialog>
  );
}

/** Null where there is no folder, or where the name cannot be written to: saving says why. */
async function plannedAt(document: string, file: FileRef | null, signal: AbortSignal): Promise<SavePlan | null> {
  if (!file) return null;
  return await client.documents.planSave.query({ document, file }, { signal }).catch((error: unknown) => {
    if (isCancelled(error)) throw error;
    return null;
  });
}

const NO_FORMATS: readonly never[] = [];

async function exists(folder: Folder, name: string): Promise<boolean> {
  const { entries } = await client.files.list.query(folder);
  return entries.some((entry) => entry.name === name);
}
