import { client } from '../api/client.ts';
import { failureOf } from '../api/errors.ts';
import type { DocumentSummary, Edit, FileRef } from '../contract.ts';
import { isWorthAsking } from '../format/save-plan.ts';
import { useDialogs } from '../store/dialogs.ts';
import { useDocuments } from '../store/documents.ts';
import { useListings } from '../store/listings.ts';
import { useNotices } from '../store/notices.ts';
import { useSettings } from '../store/settings.ts';
import { reporting } from './report.ts';
import { refreshOffered } from './session.ts';

/** Makes one edit; throws the host's reason, for the dialog or cell that asked. */
export async function edit(document: string, change: Edit): Promise<void> {
  useDocuments.getState().put(await client.documents.edit.mutate({ document, edit: change }));
}

export async function undo(document: string): Promise<void> {
  await reporting(async () => useDocuments.getState().put(await client.documents.undo.mutate({ document })));
}

export async function redo(document: string): Promise<void> {
  await reporting(async () => useDocuments.getState().put(await client.documents.redo.mutate({ document })));
}

/** The Save command: asks for a target where there is none, and before it overwrites what somebody else wrote. */
export async function save(document: DocumentSummary): Promise<void> {
  if (!document.savable) return saveAs(document);
  if (document.disk === 'changed') {
    useDialogs.getState().ask({ kind: 'overwrite', document: document.id });
    return;
  }
  await reporting(async () => {
    try {
      if (await mustAsk(document.id, null)) return;
      await saveOwn(document.id, { overwriteChanged: false });
    } catch (error) {
      const disk = useDocuments.getState().byId[document.id]?.disk;
      if (failureOf(error).code !== 'FILE_CHANGED' || disk === 'missing') throw error;
      useDialogs.getState().ask({ kind: 'overwrite', document: document.id });
    }
  });
}

interface OwnSave {
  readonly overwriteChanged: boolean;
  /** Patches the file itself instead of replacing it. */
  readonly inPlace?: boolean;
}

export async function saveOwn(document: string, options: OwnSave): Promise<void> {
  const { files } = await client.documents.save.mutate({ document, ...options });
  await saved(files);
}

/** The Save as command: the desktop's own dialog, or ours. */
export async function saveAs(document: DocumentSummary): Promise<void> {
  if (!window.parascope) {
    useDialogs.getState().ask({ kind: 'save-as', document: document.id });
    return;
  }
  await reporting(async () => {
    const file = await client.files.pickForSaving.mutate({ suggestedName: document.saveAsName });
    if (file && !(await mustAsk(document.id, file))) await saveTo(document.id, file);
  });
}

/** Shows what the save will do where that is more than a small patch, or where the user wants to see it always. */
async function mustAsk(document: string, file: FileRef | null): Promise<boolean> {
  // What stands against planning stands against saving, which says so.
  const plan = await client.documents.planSave.query({ document, ...(file && { file }) }).catch(() => null);
  if (!plan || plan.action === 'none' || !(useSettings.getState().alwaysPlan || isWorthAsking(plan))) return false;
  useDialogs.getState().ask({ kind: 'save-plan', document, file });
  return true;
}

export async function saveTo(document: string, file: FileRef): Promise<void> {
  const { files } = await client.documents.saveAs.mutate({ document, file });
  await saved(files);
}

/** Writes a script of edits: where the desktop's dialog says, or as a download of the browser. */
export async function saveEdits(
  document: string,
  script: { readonly name: string; readonly text: string },
): Promise<void> {
  if (window.parascope) {
    const file = await client.files.pickForSaving.mutate({ suggestedName: script.name });
    if (!file) return;
    await client.documents.saveEdits.mutate({ document, file });
    useNotices.getState().add('info', 'The script was saved.');
    return;
  }
  const url = URL.createObjectURL(new Blob([script.text], { type: 'application/json' }));
  const link = Object.assign(window.document.createElement('a'), { href: url, download: script.name });
  link.click();
  URL.revokeObjectURL(url);
}

/** Writes a copy on the server and lets the browser fetch it. */
export async function download(document: string, name: string): Promise<void> {
  const { url } = await client.documents.download.mutate({ document, name });
  const link = window.document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
}

async function saved(files: readonly string[]): Promise<void> {
  const names = files.map((file) => file.split(/[\\/]/).at(-1));
  useNotices.getState().add('info', names.length > 0 ? `Saved ${names.join(', ')}.` : 'Saved: nothing had changed.');
  await refreshOffered();
}

/** The Close command: a document with unsaved edits asks first. */
export async function close(document: DocumentSummary): Promise<void> {
  if (document.dirty) useDialogs.getState().ask({ kind: 'close', document: document.id });
  else await reporting(() => closeNow(document.id, { discardEdits: false }));
}

export async function closeNow(document: string, options: { readonly discardEdits: boolean }): Promise<void> {
  await client.documents.close.mutate({ document, ...options });
  useDocuments.getState().remove(document);
  useListings.getState().remove(document);
  await refreshOffered();
}

export async function reload(document: string): Promise<void> {
  await reporting(async () => useDocuments.getState().put(await client.documents.reload.mutate({ document })));
}

export async function resume(document: string): Promise<void> {
  await reporting(async () => useDocuments.getState().put(await client.documents.resume.mutate({ document })));
}

export async function discardRecovery(document: string): Promise<void> {
  await reporting(async () => useDocuments.getState().put(await client.documents.discardRecovery.mutate({ document })));
}
