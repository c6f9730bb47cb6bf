import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Task, WorkspaceEvent } from '../../../core/workspace/summary.ts';
import { placeWindow } from '../../../electron/main/window/placement.ts';
import { RememberedState } from '../../../electron/main/window/remembered-state.ts';
import { followTasks, overallProgress } from '../../../electron/main/window/task-progress.ts';

const FIRST = { x: 0, y: 25, width: 1920, height: 1055 };
const SECOND = { x: 1920, y: 0, width: 2560, height: 1440 };
const TINY = { x: 0, y: 0, width: 800, height: 480 };

describe('placeWindow', () => {
  it.each([
    ['for the first time: in the middle', null, [FIRST], { x: 240, y: 103, width: 1440, height: 900 }],
    [
      'where it was',
      { x: 100, y: 100, width: 1000, height: 700 },
      [FIRST],
      { x: 100, y: 100, width: 1000, height: 700 },
    ],
    [
      'on another display',
      { x: 2000, y: 50, width: 1000, height: 700 },
      [FIRST, SECOND],
      { x: 2000, y: 50, width: 1000, height: 700 },
    ],
    [
      'whose display is gone',
      { x: 2000, y: 50, width: 1000, height: 700 },
      [FIRST],
      { x: 460, y: 203, width: 1000, height: 700 },
    ],
    [
      'hanging over the edge',
      { x: 1700, y: 600, width: 1000, height: 700 },
      [FIRST],
      { x: 920, y: 380, width: 1000, height: 700 },
    ],
    [
      'with its title above the display',
      { x: 100, y: -600, width: 1000, height: 700 },
      [FIRST],
      { x: 460, y: 203, width: 1000, height: 700 },
    ],
    [
      'larger than its display',
      { x: 0, y: 25, width: 4000, height: 3000 },
      [FIRST],
      { x: 0, y: 25, width: 1920, height: 1055 },
    ],
    [
      'smaller than it can be',
      { x: 10, y: 30, width: 200, height: 50 },
      [FIRST],
      { x: 10, y: 30, width: 900, height: 560 },
    ],
    ['on a display that is too small', null, [TINY], { x: 0, y: 0, width: 900, height: 560 }],
  ] as const)('%s', (_case, wanted, areas, expected) => {
    expect(placeWindow(wanted, areas)).toEqual(expected);
  });
});

describe('the remembered place', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parascope-window-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const STATE = { bounds: { x: 1, y: 2, width: 900, height: 600 }, maximized: true, fullScreen: false };

  it('is there at the next start, written whole and last one last', async () => {
    const remembered = new RememberedState(folder);
    expect(await remembered.load()).toBeNull();
    void remembered.store({ ...STATE, maximized: false });
    await remembered.store(STATE);
    expect(await new RememberedState(folder).load()).toEqual({ version: 1, ...STATE });
    expect(await readdir(folder)).toEqual(['window.json']);
  });

  it.each(['', '{', '[]', '{"version":2}', '{"version":1,"bounds":{"x":0,"y":0,"width":0,"height":1e999}}'])(
    'is not believed where the record is %j',
    async (text) => {
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
      await writeFile(join(folder, 'window.json'), text);
      expect(await new RememberedState(folder).load()).toBeNull();
      expect(warn).toHaveBeenCalledOnce();
      warn.mockRestore();
      expect(await readFile(join(folder, 'window.json'), 'utf8')).toBe(text);
    },
  );

  it('that cannot be kept disturbs nobody', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await writeFile(join(folder, 'file'), '');
    await new RememberedState(join(folder, 'file')).store(STATE);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });
});

const task = (id: string, change: Partial<Task>): Task => ({
  id,
  title: 'Work',
  document: null,
  state: 'running',
  done: 0,
  total: 100,
  startedAt: 0,
  message: null,
  ...change,
});

describe('the progress of all tasks', () => {
  it.each<[string, readonly Task[], number]>([
    ['none', [], -1],
    ['only finished ones', [task('a', { state: 'done', done: 100 })], -1],
    ['one', [task('a', { done: 25 })], 0.25],
    ['two of different size', [task('a', { done: 100 }), task('b', { done: 0, total: 300 })], 0.25],
    ['one without a total', [task('a', { done: 50 }), task('b', { total: 0 })], 2],
    ['one beyond its total', [task('a', { done: 500 })], 1],
  ])('of %s', (_case, tasks, expected) => {
    expect(overallProgress(tasks)).toBe(expected);
  });

  it('goes with the events of the workspace, and the bar goes at the end', () => {
    let tell: (event: WorkspaceEvent) => void = () => {};
    const shown: number[] = [];
    const end = vi.fn();
    const workspace = {
      subscribe: (listener: typeof tell) => {
        tell = listener;
        return end;
      },
    };
    const stop = followTasks(workspace, (progress) => shown.push(progress));
    tell({ type: 'task', task: task('a', { done: 50 }) });
    tell({ type: 'task', task: task('b', { done: 100 }) });
    tell({ type: 'closed', document: 'doc-1' });
    tell({ type: 'task', task: task('b', { state: 'failed' }) });
    tell({ type: 'task', task: task('a', { state: 'cancelled' }) });
    expect(shown).toEqual([0.5, 0.75, 0.5, -1]);
    stop();
    expect(end).toHaveBeenCalledOnce();
  });
});
