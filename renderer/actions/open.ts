import { client } from '../api/client.ts';
import { isCancelled } from '../api/errors.ts';
import { uploadFile } from '../api/upload.ts';
import type { FileRef, Task } from '../contract.ts';
import { useAppInfo } from '../store/app-info.ts';
import { useDialogs } from '../store/dialogs.ts';
import { useDocuments } from '../store/documents.ts';
import { useTasks } from '../store/tasks.ts';
import { reporting } from './report.ts';
import { refreshOffered } from './session.ts';

/** Opens one file and shows it; throws the host's reason where it is no readable checkpoint. */
export async function openFile(file: FileRef): Promise<void> {
  const summary = await client.documents.open.mutate({ file });
  useDocuments.getState().put(summary);
  useDocuments.getState().activate(summary.id);
  await refreshOffered();
}

/** Also before the host has said what it offers. */
export async function openSample(): Promise<void> {
  await openFile(useAppInfo.getState().sample ?? (await client.app.offered.query()).sample);
}

/** The Open command: the desktop's own dialog, or our browser over the server's folders. */
export async function chooseAndOpen(): Promise<void> {
  if (useAppInfo.getState().info?.host !== 'desktop') {
    useDialogs.getState().ask({ kind: 'open' });
    return;
  }
  await reporting(async () => {
    const files = await client.files.pickForOpening.mutate();
    for (const file of files ?? []) await reporting(() => openFile(file));
  });
}

/** Files from a drop or the browser's own chooser. One that fails does not hold up the others. */
export async function openLocalFiles(files: readonly File[]): Promise<void> {
  await Promise.all(files.map((file) => reporting(async () => openFile(await referenceFor(file)))));
}

function referenceFor(file: File): Promise<FileRef> {
  return window.parascope ? window.parascope.fileForDrop(file) : uploadAsTask(file);
}

async function uploadAsTask(file: File): Promise<FileRef> {
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
