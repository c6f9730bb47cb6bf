import { client } from '../api/client.ts';
import { isCancelled } from '../api/errors.ts';
import { uploadFile } from '../api/upload.ts';
import type { DocumentSummary, FileRef, Task } from '../contract.ts';
import { useAppInfo } from '../store/app-info.ts';
import { useDialogs } from '../store/dialogs.ts';
import { useDocuments } from '../store/documents.ts';
import { useTasks } from '../store/tasks.ts';
import { reporting } from './report.ts';
import { refreshOffered } from './session.ts';

/** Opens one file and shows it; throws the host's reason where it is no readable checkpoint. */
export async function openFile(file: FileRef): Promise<DocumentSummary> {
  const summary = await client.documents.open.mutate({ file });
  useDocuments.getState().put(summary);
  useDocuments.getState().activate(summary.id);
  await refreshOffered();
  return summary;
}

/** Also before the host has said what it offers. */
export async function openSample(): Promise<void> {
  await openFile(useAppInfo.getState().sample ?? (await client.app.offered.query()).sample);
}

/** The Open command: the desktop's own dialog, or our browser over the server's folders. */
export async function chooseAndOpen(): Promise<void> {
  if (!window.parascope) {
    useDialogs.getState().ask({ kind: 'open' });
    return;
  }
  await reporting(async () => {
    const files = await client.files.pickForOpening.mutate();
    for (const file of files ?? []) await reporting(() => openFile(file));
  });
}

/**
 * Files from a drop or the browser's own chooser. One that fails does not hold up the others, unless
 * there is an index among them: then they are a model and its shards.
 */
export async function openLocalFiles(files: readonly File[]): Promise<void> {
  if (files.length > 1 && files.some(isIndex)) {
    await reporting(() => openTogether(files));
    return;
  }
  await Promise.all(files.map((file) => reporting(async () => openFile(await referenceFor(file, null)))));
}

/** Files that were dropped on an open document: opened, and for each the choice to compare it or to merge it. */
export async function openOnto(document: string, files: readonly File[]): Promise<void> {
  const { activate, order } = useDocuments.getState();
  const [file] = files;
  if (files.length !== 1 || !file) {
    await openLocalFiles(files);
    return;
  }
  await reporting(async () => {
    const opened = await openFile(await referenceFor(file, null));
    if (opened.id === document) return;
    activate(document);
    useDialogs.getState().ask({ kind: 'dropped', document, other: opened.id, isNew: !order.includes(opened.id) });
  });
}

/** Sent one after the other, so that cancelling one stops the rest; files that are no shard are opened by themselves. */
async function openTogether(files: readonly File[]): Promise<void> {
  const group = crypto.randomUUID();
  const arrived: { readonly file: File; readonly reference: FileRef }[] = [];
  for (const file of files) arrived.push({ file, reference: await referenceFor(file, group) });
  const parts = new Set<string>();
  for (const { reference } of arrived.filter(({ file }) => isIndex(file))) {
    for (const { name } of (await openFile(reference)).files) parts.add(name);
  }
  const rest = arrived.filter(({ file }) => !isIndex(file) && !parts.has(file.name));
  for (const { reference } of rest) await reporting(() => openFile(reference));
}

function isIndex(file: File): boolean {
  return file.name.toLowerCase().endsWith('.index.json');
}

function referenceFor(file: File, group: string | null): Promise<FileRef> {
  return window.parascope ? window.parascope.fileForDrop(file) : uploadAsTask(file, group);
}

async function uploadAsTask(file: File, group: string | null): Promise<FileRef> {
  const controller = new AbortController();
  const id = `upload-${crypto.randomUUID()}`;
  const stop = (): void => controller.abort();
  const put = (change: Pick<Task, 'state' | 'done' | 'message'>): void =>
    useTasks.getState().put({ ...task, ...change }, stop);
  const task: Task = {
    id,
    title: `Upload ${file.name}`,
    document: null,
    state: 'running',
    done: 0,
    total: file.size,
    startedAt: Date.now(),
    message: null,
  };
  put(task);
  try {
    const reference = await uploadFile(file, {
      group,
      signal: controller.signal,
      onProgress: (done) => put({ state: 'running', done, message: null }),
    });
    put({ state: 'done', done: file.size, message: null });
    return reference;
  } catch (error) {
    put({ state: isCancelled(error) ? 'cancelled' : 'failed', done: 0, message: null });
    throw error;
  }
}
