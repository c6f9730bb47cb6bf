import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { nd } from '../../../core/index.ts';
import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import type { Document, Workspace } from '../../../core/workspace/contract.ts';
import { createWorkspace } from '../../../core/workspace/workspace.ts';
import { CHANNELS, type DragOutAnswer } from '../../../electron/channels.ts';
import { DragFolder } from '../../../electron/main/drag-out/drag-folder.ts';
import { bindDragOut } from '../../../electron/main/drag-out/drag-out.ts';
import { exportName } from '../../../electron/main/drag-out/export-name.ts';
import { IpcGate, type PageEvent } from '../../../electron/main/ipc-gate.ts';

const tensor = (dtype: string): LazyTensor => ({
  dtype: dtype as LazyTensor['dtype'],
  shape: [2],
  region: { path: '/w', offset: 0, nbytes: 8, stamp: { size: 8, mtimeMs: 0, ino: 0 } },
  steps: [],
});

describe('the name of what is dragged out', () => {
  it.each([
    ['fc.weight', 'float32', 'auto', 'fc.weight.npy'],
    ['fc.weight', 'float32', 'safetensors', 'fc.weight.safetensors'],
    ['fc.weight', 'bfloat16', 'auto', 'fc.weight.safetensors'],
    ['model/layers:0', 'int64', 'auto', 'model_layers_0.npy'],
    ['../../.ssh/config', 'float32', 'auto', '_.._.ssh_config.npy'],
    ['..', 'float32', 'auto', 'tensor_.npy'],
    ['', 'float32', 'auto', 'tensor_.npy'],
    ['CON', 'float32', 'auto', 'tensor_CON.npy'],
    ['a\u0000b\nc', 'float32', 'auto', 'a_b_c.npy'],
    ['Gewichte äöü', 'float32', 'auto', 'Gewichte_äöü.npy'],
    ['x'.repeat(300), 'float32', 'auto', `${'x'.repeat(100)}.npy`],
  ] as const)('of %j in %s (%s) is %j', (name, dtype, format, expected) => {
    expect(exportName([{ name, tensor: tensor(dtype) }], { document: 'm.safetensors', format })).toBe(expected);
  });

  it('of several tells how many and of what', () => {
    const tensors = ['a', 'b'].map((name) => ({ name, tensor: tensor('float32') }));
    const nameIn = (document: string) => exportName(tensors, { document, format: 'auto' });
    expect(nameIn('m.safetensors')).toBe('m-2-tensors.safetensors');
    expect(nameIn('big.safetensors.index.json')).toBe('big.safetensors-2-tensors.safetensors');
  });
});

describe('the private folder', () => {
  let state: string;
  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), 'parascope-drag-'));
  });
  afterEach(() => rm(state, { recursive: true, force: true }));

  it.skipIf(process.platform === 'win32')('is readable by its user alone', async () => {
    const room = await new DragFolder(state).makeRoom();
    expect((await stat(room)).mode & 0o777).toBe(0o700);
    expect((await stat(join(state, 'drag-out'))).mode & 0o777).toBe(0o700);
  });

  it('knows its own files', async () => {
    const folder = new DragFolder(state);
    const room = await folder.makeRoom();
    expect(folder.holds(join(room, 'w.npy'))).toBe(true);
    expect(folder.holds(join(room, '../../../etc/passwd'))).toBe(false);
    expect(folder.holds(join(state, 'drag-outside/w.npy'))).toBe(false);
  });

  it('keeps what was dragged lately, and in the end nothing', async () => {
    const folder = new DragFolder(state);
    const old = await folder.makeRoom();
    const recent = await folder.makeRoom();
    const hourAgo = new Date(Date.now() - 3_600_000);
    await utimes(old, hourAgo, hourAgo);
    const now = await folder.makeRoom();
    expect((await readdir(join(state, 'drag-out'))).sort()).toEqual([recent, now].map((path) => basename(path)).sort());
    await folder.clear();
    expect(await readdir(state)).toEqual([]);
  });
});

describe('dragging out', () => {
  const OWN_FRAME = { url: 'parascope://app/', parent: null };
  let state: string;
  let workspace: Workspace;
  let document: Document;
  beforeAll(async () => {
    state = await mkdtemp(join(tmpdir(), 'parascope-drag-'));
    workspace = createWorkspace({ stateDirectory: join(state, 'state'), threads: 1 });
    await mkdir(join(state, 'data'));
    const path = join(state, 'data/m.safetensors');
    await nd.save(path, {
      'fc.weight': nd.array([
        [1, 2],
        [3, 4],
      ]),
      'fc.bias': nd.array([5, 6], { dtype: 'int32' }),
    });
    document = await workspace.open(path);
  });
  afterAll(async () => {
    await workspace.close();
    await rm(state, { recursive: true, force: true });
  });

  function bind() {
    const page = {};
    const listeners = new Map<string, (event: PageEvent, message: unknown) => unknown>();
    const ipcMain = {
      on: (channel: string, listener: (event: PageEvent, message: unknown) => void) => listeners.set(channel, listener),
      handle: (channel: string, listener: (event: PageEvent, message: unknown) => Promise<unknown>) =>
        listeners.set(channel, listener),
    };
    const log = vi.fn();
    const startDrag = vi.fn<(path: string) => void>();
    const gate = new IpcGate(ipcMain, log);
    gate.admit(page);
    const folder = new DragFolder(state);
    bindDragOut(gate, { workspace, folder, startDrag, log });
    const event = { sender: page, senderFrame: OWN_FRAME };
    const send = (channel: string, message?: unknown) => listeners.get(channel)?.(event, message);
    return {
      send,
      startDrag,
      log,
      drag: (message: unknown) => send(CHANNELS.dragOut, message) as Promise<DragOutAnswer>,
    };
  }

  const request = (tensors: readonly string[], format = 'auto') => ({
    document: document.id,
    tensors: tensors.map((name) => document.idOf(name)),
    format,
  });

  it('makes a .npy file of one tensor, edits included, and begins the drag with it', async () => {
    const { drag, startDrag } = bind();
    await document.edit({ kind: 'set', name: 'fc.bias', slice: '0', values: ['7'] });
    expect(await drag(request(['fc.bias']))).toEqual({ error: null });
    const path = startDrag.mock.calls[0]?.[0] ?? '';
    expect(path).toMatch(/fc\.bias\.npy$/);
    const array = (await nd.load(path)) as { array(): Promise<unknown> }[];
    expect(await array[0]?.array()).toEqual([7, 6]);
    await document.undo();
  });

  it('makes one .safetensors file of several', async () => {
    const { drag, startDrag } = bind();
    await drag(request(['fc.weight', 'fc.bias']));
    const path = startDrag.mock.calls[0]?.[0] ?? '';
    expect(path).toMatch(/m-2-tensors\.safetensors$/);
    expect(Object.keys(await nd.load(path)).sort()).toEqual(['fc.bias', 'fc.weight']);
    expect((await readFile(path)).length).toBeGreaterThan(24);
  });

  it('begins no drag where the button was let go first, and leaves no file', async () => {
    const { send, drag, startDrag } = bind();
    const before = await readdir(join(state, 'drag-out'));
    const answer = drag(request(['fc.weight']));
    send(CHANNELS.dragGivenUp);
    expect(await answer).toEqual({ error: null });
    expect(startDrag).not.toHaveBeenCalled();
    expect(await readdir(join(state, 'drag-out'))).toEqual(before);
  });

  it.each([
    ['no request', null],
    ['a path in place of a document', { document: '/etc/passwd'.padEnd(65, 'x'), tensors: [0], format: 'auto' }],
    ['no tensors', { document: 'doc', tensors: [], format: 'auto' }],
    ['too many tensors', { document: 'doc', tensors: new Array(10_001).fill(0), format: 'auto' }],
    ['another format', { document: 'doc', tensors: [0], format: '../../x' }],
    ['more than there is to say', { document: 'doc', tensors: [0], format: 'auto', path: '/etc/passwd' }],
  ])('refuses %s', async (_case, message) => {
    const { drag, startDrag, log } = bind();
    expect((await drag(message)).error?.message).toMatch(/cannot be dragged out/);
    expect(startDrag).not.toHaveBeenCalled();
    expect(log).not.toHaveBeenCalled();
  });

  it('says so where the document is gone', async () => {
    const { drag } = bind();
    expect((await drag({ document: 'gone', tensors: [0], format: 'auto' })).error?.code).toBe('NOT_FOUND');
  });
});
