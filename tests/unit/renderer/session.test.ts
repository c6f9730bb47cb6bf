import { beforeEach, expect, test, vi } from 'vitest';
import type { HostMessage, PageMessage, Task, WorkspaceEvent } from '../../../core/api/types.ts';
import { summaryOf } from '../api/fake-workspace.ts';

/** A host that says what the test has it say, in that order. */
const host = vi.hoisted(() => {
  const asked: PageMessage[] = [];
  const listeners: ((message: HostMessage) => void)[] = [];
  const bridge = {
    send: (message: PageMessage) => asked.push(message),
    onMessage: (listener: (message: HostMessage) => void) => listeners.push(listener),
  };
  // What the page's modules look for when they are loaded.
  Object.assign(globalThis, { window: { parascope: bridge, localStorage: { getItem: () => null } } });
  /** Resolves once the page has taken the message in: the next one comes in a turn of its own. */
  const say = async (path: string, result: unknown): Promise<void> => {
    const call = asked.findLast((message) => 'path' in message && message.path === path);
    if (!call) throw new Error(`The page has not asked for ${path}.`);
    for (const listener of listeners) listener({ id: call.id, type: 'result', result });
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { say };
});

const { startSession } = await import('../../../renderer/actions/session.ts');
const { useDocuments } = await import('../../../renderer/store/documents.ts');
const { useTasks } = await import('../../../renderer/store/tasks.ts');

const INFO = { version: '1.2.3', colorMaps: [], roots: [], formats: [] };
const tell = (event: WorkspaceEvent): Promise<void> => host.say('events', event);

beforeEach(() => {
  useDocuments.getState().replaceAll([]);
  useTasks.getState().replaceHostTasks([]);
  return startSession();
});

test('what changes after the host listed its documents stands, whatever is answered later', async () => {
  const [kept, closed] = [summaryOf('kept', 'kept.safetensors'), summaryOf('closed', 'closed.safetensors')];
  await host.say('documents.list', [kept, closed]);
  await tell({ type: 'opened', document: summaryOf('new', 'new.safetensors') });
  await tell({ type: 'document', document: { ...kept, revision: 2, dirty: true } });
  await tell({ type: 'closed', document: 'closed' });
  await host.say('app.info', INFO);
  await host.say('tasks.list', []);
  const { order, active, byId } = useDocuments.getState();
  expect(order).toEqual(['kept', 'new']);
  expect(active).toBe('new');
  expect(byId.kept).toMatchObject({ revision: 2, dirty: true });
});

test('a task that ended after the host listed its tasks is over, whatever is answered later', async () => {
  const task: Task = {
    id: 'task-1',
    title: 'Statistics',
    document: null,
    state: 'running',
    done: 0,
    total: 1,
    startedAt: 0,
    message: null,
  };
  await host.say('tasks.list', [task]);
  await tell({ type: 'task', task: { ...task, state: 'done', done: 1 } });
  await host.say('app.info', INFO);
  await host.say('documents.list', []);
  expect(useTasks.getState().running).toEqual([]);
});
