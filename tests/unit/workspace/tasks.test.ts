import { describe, expect, test } from 'vitest';
import { CancelledError, NotFoundError } from '../../../core/errors.ts';
import type { Task } from '../../../core/workspace/summary.ts';
import { openWorkspace, scratchFolder } from './support.ts';

const SPEC = { title: 'Statistics', document: null, total: 100 } as const;

async function withTasks(): Promise<{ workspace: ReturnType<typeof openWorkspace>; events: Task[] }> {
  const workspace = openWorkspace(await scratchFolder());
  const events: Task[] = [];
  workspace.subscribe((event) => {
    if (event.type === 'task') events.push(event.task);
  });
  return { workspace, events };
}

function gate(): { opened: Promise<void>; open: () => void } {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('tasks', () => {
  test('short work is never mentioned', async () => {
    const { workspace, events } = await withTasks();
    const result = await workspace.runTask(SPEC, async ({ onProgress }) => {
      onProgress(100);
      return 7;
    });
    expect(result).toBe(7);
    expect(events).toEqual([]);
    expect(workspace.tasks()).toEqual([]);
  });

  test('long work is announced, reports progress, and ends at its total', async () => {
    const { workspace, events } = await withTasks();
    const { opened, open } = gate();
    const running = workspace.runTask(SPEC, async ({ onProgress }) => {
      onProgress(40);
      await opened;
    });
    await expect.poll(() => events.length).toBeGreaterThan(0);
    expect(events[0]).toMatchObject({ ...SPEC, state: 'running', done: 40 });
    expect(workspace.tasks()).toMatchObject([{ state: 'running' }]);
    open();
    await running;
    expect(events.at(-1)).toMatchObject({ state: 'done', done: 100, message: null });
    expect(workspace.tasks()).toMatchObject([{ state: 'done' }]);
  });

  test('cancelling aborts the signal and rejects with CancelledError', async () => {
    const { workspace, events } = await withTasks();
    const running = workspace.runTask(
      SPEC,
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('stopped')));
        }),
    );
    const outcome = expect(running).rejects.toThrow(CancelledError);
    await expect.poll(() => workspace.tasks().length).toBe(1);
    workspace.cancelTask(workspace.tasks()[0]?.id ?? '');
    await outcome;
    expect(events.at(-1)).toMatchObject({ state: 'cancelled' });
    expect(() => workspace.cancelTask('nothing')).toThrow(NotFoundError);
  });

  test("follows the caller's signal, also one that is aborted already", async () => {
    const { workspace } = await withTasks();
    let started = false;
    const running = workspace.runTask(SPEC, async () => (started = true), { signal: AbortSignal.abort() });
    await expect(running).rejects.toThrow(CancelledError);
    expect(started).toBe(false);
  });

  test('a failure carries its message', async () => {
    const { workspace, events } = await withTasks();
    const { opened, open } = gate();
    const running = workspace.runTask(SPEC, async () => {
      await opened;
      throw new Error('the disk is gone');
    });
    const outcome = expect(running).rejects.toThrow('the disk is gone');
    await expect.poll(() => events.length).toBeGreaterThan(0);
    open();
    await outcome;
    expect(events.at(-1)).toMatchObject({ state: 'failed', message: 'the disk is gone' });
  });
});
