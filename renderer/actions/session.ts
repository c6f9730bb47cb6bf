import { client } from '../api/client.ts';
import type { WorkspaceEvent } from '../contract.ts';
import { useAppInfo } from '../store/app-info.ts';
import { useConnection } from '../store/connection.ts';
import { useDocuments } from '../store/documents.ts';
import { useListings } from '../store/listings.ts';
import { useNotices } from '../store/notices.ts';
import { useParameterChanges } from '../store/parameter-changes.ts';
import { useTasks } from '../store/tasks.ts';
import { followClosedDocuments } from './comparisons.ts';
import { forgetHealth } from './health.ts';
import { reporting } from './report.ts';

/** Follows the host from now on, and asks it for everything again after each connection. */
export function startSession(): () => void {
  const events = client.events.subscribe(undefined, { onData: apply });
  const unsubscribe = useConnection.subscribe((now, before) => {
    if (now.epoch !== before.epoch) void reporting(synchronize);
  });
  const unfollow = followClosedDocuments();
  if (useConnection.getState().state === 'open') void reporting(synchronize);
  return () => {
    unfollow();
    unsubscribe();
    events.unsubscribe();
  };
}

/** Each answer is taken in when it comes: an event that comes after it is newer, and must not be undone by it. */
async function synchronize(): Promise<void> {
  await Promise.all([
    client.app.info.query().then(useAppInfo.getState().setInfo),
    client.documents.list.query().then(useDocuments.getState().replaceAll),
    client.tasks.list.query().then(useTasks.getState().replaceHostTasks),
  ]);
  await refreshOffered();
}

/** Recent files and unsaved edits change with every open, save and close. */
export async function refreshOffered(): Promise<void> {
  const { sample, recent } = await client.app.offered.query();
  useAppInfo.getState().setOffered(sample, recent);
}

function apply(event: WorkspaceEvent): void {
  switch (event.type) {
    case 'document':
      useDocuments.getState().put(event.document);
      return;
    case 'opened':
      useDocuments.getState().put(event.document);
      // In a browser somebody else's window may have opened it, who must not turn this one's page.
      if (window.parascope || useDocuments.getState().active === null) {
        useDocuments.getState().activate(event.document.id);
      }
      return;
    case 'closed':
      useDocuments.getState().remove(event.document);
      useListings.getState().remove(event.document);
      forgetHealth(event.document);
      return;
    case 'task':
      useTasks.getState().put(event.task);
      return;
    case 'parameter':
      useParameterChanges.getState().note(event.document, event.tensor);
      useDocuments.getState().putDevices(event.document, event.devices);
      return;
    case 'warning':
      useNotices.getState().add('info', event.message);
  }
}
