import { EventEmitter } from 'node:events';
import { dirname } from 'node:path';
import { createTRPCClient } from '@trpc/client';
import { describe, expect, it, vi } from 'vitest';
import type { HostMessage } from '../../../core/api/types.ts';
import { CHANNELS, type DropAnswer } from '../../../electron/channels.ts';
import { bindIpc, type Page } from '../../../electron/main/ipc.ts';
import { IpcGate, type IpcMain, type PageEvent } from '../../../electron/main/ipc-gate.ts';
import { messageLink } from '../../../renderer/api/message-link.ts';
import { contractSuite } from '../api/contract-suite.ts';
import { eventually } from '../api/eventually.ts';
import { createFakeWorkspace } from '../api/fake-workspace.ts';
import { desktopFiles } from '../api/files.ts';

const OWN_FRAME = { url: 'parascope://app/', parent: null };

/** Electron's `ipcMain` as far as it is used: emitters, and structured clones between the two sides. */
class FakeIpcMain extends EventEmitter implements IpcMain {
  readonly handlers = new Map<string, (event: PageEvent, argument: unknown) => Promise<unknown>>();

  handle(channel: string, listener: (event: PageEvent, argument: unknown) => Promise<unknown>): void {
    this.handlers.set(channel, listener);
  }

  post(sender: unknown, message: unknown, senderFrame: PageEvent['senderFrame'] = OWN_FRAME): void {
    this.emit(CHANNELS.message, { sender, senderFrame }, structuredClone(message));
  }

  invoke(sender: unknown, argument: unknown, senderFrame: PageEvent['senderFrame'] = OWN_FRAME): Promise<DropAnswer> {
    const handler = this.handlers.get(CHANNELS.drop);
    if (!handler) return Promise.reject(new Error('No handler.'));
    return handler({ sender, senderFrame }, argument) as Promise<DropAnswer>;
  }
}

class FakePage extends EventEmitter implements Page {
  readonly received: HostMessage[] = [];

  send(channel: string, message: HostMessage): void {
    this.received.push(structuredClone(message));
    this.emit(channel, structuredClone(message));
  }

  isDestroyed(): boolean {
    return false;
  }
}

function bind(filePath: string, workspace = createFakeWorkspace()) {
  const ipcMain = new FakeIpcMain();
  const files = desktopFiles({ workspace, folder: dirname(filePath), samplePath: filePath });
  const log = vi.fn();
  const gate = new IpcGate(ipcMain, log);
  const isOwnExport = (path: string): boolean => path.startsWith('/private/drag-out/');
  const admit = bindIpc({ gate, context: { workspace, files, version: '1.2.3' }, isOwnExport, log });
  const page = new FakePage();
  admit(page);
  return { ipcMain, files, log, admit, page, workspace };
}

contractSuite("Electron's IPC", async (workspace, filePath) => {
  const { ipcMain, files, admit, page } = bind(filePath, workspace);
  const bare = new FakePage();
  admit(bare);
  const link = messageLink({
    send: (message) => ipcMain.post(page, message),
    onMessage: (listener) => {
      page.on(CHANNELS.message, listener);
      return () => page.off(CHANNELS.message, listener);
    },
  });
  return {
    client: createTRPCClient({ links: [link] }),
    send: (message) => ipcMain.post(bare, message),
    encodeCall: (id, path, input) => ({ id, type: 'query', path, input }),
    encodeStop: (id) => ({ id, type: 'stop' }),
    received: bare.received,
    disconnect: () => page.emit('destroyed'),
    file: await files.grantExisting(filePath),
    close: async () => {
      page.emit('destroyed');
      bare.emit('destroyed');
    },
  };
});

describe('who may speak over IPC', () => {
  const call = { id: 1, type: 'query', path: 'app.info' };

  it.each([
    ['a frame that is gone', null],
    ['a frame inside the page', { url: 'parascope://app/', parent: { url: 'parascope://app/' } }],
    ['another origin', { url: 'https://evil.example/', parent: null }],
    ['a file', { url: 'file:///tmp/page.html', parent: null }],
    ['a look-alike host', { url: 'parascope://app.evil/', parent: null }],
  ])('drops messages of %s and says so in the log', async (_case, frame) => {
    const { ipcMain, page, log } = bind(import.meta.filename);
    ipcMain.post(page, call, frame);
    await expect(ipcMain.invoke(page, import.meta.filename, frame)).rejects.toThrow('Refused.');
    expect(page.received).toEqual([]);
    expect(log).toHaveBeenCalledTimes(2);
  });

  it('drops messages of a page that was not admitted', () => {
    const { ipcMain, log } = bind(import.meta.filename);
    const stranger = new FakePage();
    ipcMain.post(stranger, call);
    expect(stranger.received).toEqual([]);
    expect(log).toHaveBeenCalledOnce();
  });

  it('starts anew when the page reloads: old work ends, old numbers are free', async () => {
    const { ipcMain, page, workspace } = bind(import.meta.filename);
    ipcMain.post(page, { id: 1, type: 'subscription', path: 'events' });
    await eventually(() => expect(workspace.listeners()).toBe(1));
    page.emit('did-start-navigation', { url: OWN_FRAME.url, isMainFrame: true, isSameDocument: true });
    expect(workspace.listeners()).toBe(1);
    page.emit('did-start-navigation', { url: OWN_FRAME.url, isMainFrame: true, isSameDocument: false });
    await eventually(() => expect(workspace.listeners()).toBe(0));
    ipcMain.post(page, call);
    await eventually(() => expect(page.received.at(-1)).toMatchObject({ id: 1, type: 'result' }));
  });

  it('goes on with a page whose navigation away is refused', async () => {
    const { ipcMain, page, workspace } = bind(import.meta.filename);
    ipcMain.post(page, { id: 1, type: 'subscription', path: 'events' });
    await eventually(() => expect(workspace.listeners()).toBe(1));
    page.emit('did-start-navigation', { url: 'https://example.invalid/', isMainFrame: true, isSameDocument: false });
    workspace.emit({ type: 'closed', document: 'a' });
    await eventually(() => expect(page.received.at(-1)).toMatchObject({ id: 1, type: 'result' }));
  });
});

describe('a drop on the window', () => {
  it('is answered by a number, never a path', async () => {
    const { ipcMain, page, files } = bind(import.meta.filename);
    const answer = await ipcMain.invoke(page, import.meta.filename);
    if (!('file' in answer)) throw new Error('The drop was refused.');
    expect(JSON.stringify(answer)).not.toContain('ipc.test');
    expect((await files.resolveForReading(answer.file)).path).toBe(import.meta.filename);
  });

  it.each([
    ['no file of this machine', '', /no file on this machine/],
    ['something that is no text', { path: '/etc/passwd' }, /no file on this machine/],
    ['a folder', dirname(import.meta.filename), /is a folder/],
    ['what was dragged out of this window', '/private/drag-out/w.npy', /dragged out of this window/],
    ['a file that is gone', '/nowhere/model.safetensors', /model\.safetensors does not exist/],
  ])('that is %s is refused with the reason', async (_case, argument, message) => {
    const { ipcMain, page } = bind(import.meta.filename);
    const answer = await ipcMain.invoke(page, argument);
    expect(answer).toMatchObject({ error: { code: 'FILE_ACCESS', message: expect.stringMatching(message) } });
  });
});
