import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import type { FromWorker } from '../../../core/device/protocol.ts';
import { GpuHost } from '../../../electron/main/gpu-window/gpu-host.ts';
import { RegionAddresses } from '../../../electron/main/gpu-window/region-addresses.ts';
import { type Port, WindowLink, type WorkerWindow } from '../../../electron/main/gpu-window/window-link.ts';

/** Electron's `MessagePortMain` as far as it is used: nothing is received before `start`. */
class FakePort extends EventEmitter implements Port {
  readonly posted: unknown[] = [];
  readonly start = vi.fn();
  readonly close = vi.fn();

  postMessage(message: unknown): void {
    this.posted.push(structuredClone(message));
  }
}

function open() {
  const port = new FakePort();
  let gone: (reason: string) => void = () => {};
  const window: WorkerWindow = {
    port,
    onGone: (listener) => {
      gone = listener;
    },
    destroy: vi.fn(() => gone('its window was closed')),
  };
  const log = vi.fn();
  const onMessage = vi.fn<(message: FromWorker) => void>();
  const onEnd = vi.fn<(reason: string) => void>();
  const regions = new RegionAddresses();
  const link = new WindowLink(window, log, regions);
  link.listen({ onMessage, onEnd });
  return { port, window, log, link, regions, onMessage, onEnd, end: (reason: string) => gone(reason) };
}

const CENSUS = { arrays: 1, tensors: 2, bytes: 3 };
const DEVICE = {
  device: 'gpu(0)',
  backend: 'webgpu',
  adapter: 'SwiftShader',
  driver: '',
  software: true,
  limits: { maxArrayBytes: 1024, maxBufferSize: 4096 },
  memory: 1,
  memoryBudget: 1,
};

describe('the line to the GPU window', () => {
  it('listens, and copies what it posts', () => {
    const { port, link } = open();
    expect(port.start).toHaveBeenCalledOnce();
    const bytes = new Uint8Array([1, 2]).buffer;
    const op = { kind: 'upload', handle: 1, dtype: 'uint8', offset: 0, bytes } as const;
    link.post({ type: 'op', op });
    expect(port.posted).toEqual([{ type: 'op', op }]);
    expect(bytes.byteLength).toBe(2);
  });

  it('carries tiles of at most 256 KiB', () => {
    expect(open().link.maxPieceBytes).toBe(262_144);
  });

  it.each<[string, unknown]>([
    ['an array', { type: 'answer', id: 1, ok: true, value: new ArrayBuffer(8) }],
    ['a norm', { type: 'answer', id: 2, ok: true, value: 1.5 }],
    ['an infinite norm', { type: 'answer', id: 2, ok: true, value: Number.POSITIVE_INFINITY }],
    ['a norm that is none', { type: 'answer', id: 2, ok: true, value: Number.NaN }],
    ['nothing', { type: 'answer', id: 3, ok: true, value: null }],
    ['a census', { type: 'answer', id: 4, ok: true, value: CENSUS }],
    ['devices', { type: 'answer', id: 5, ok: true, value: { devices: [DEVICE], reason: null } }],
    ['why there are none', { type: 'answer', id: 5, ok: true, value: { devices: [], reason: 'no adapter' } }],
    ['an error', { type: 'answer', id: 6, ok: false, error: { code: 'OUT_OF_MEMORY', message: 'Full.', details: {} } }],
    ['a piece', { type: 'piece', transfer: 1, piece: { offset: 0, bytes: new ArrayBuffer(4) } }],
    [
      'a failed piece',
      { type: 'piece', transfer: 1, piece: { error: { code: 'DEVICE_LOST', message: '', details: {} } } },
    ],
    ['a credit', { type: 'credit', transfer: 1 }],
    ['what was taken', { type: 'taken', bytes: 4 }],
    ['what was fetched', { type: 'fetched', transfer: 1, bytes: 4, isOver: false }],
    ['lost devices', { type: 'lost', devices: ['gpu(1)'], reason: 'unplugged' }],
  ])('hands on %s', (_case, data) => {
    const { port, onMessage, onEnd } = open();
    port.emit('message', { data });
    expect(onMessage).toHaveBeenCalledWith(data);
    expect(onEnd).not.toHaveBeenCalled();
  });

  it.each<[string, unknown]>([
    ['no object', 'hello'],
    ['an unknown type', { type: 'open', path: '/etc/passwd' }],
    ['an answer without a number', { type: 'answer', ok: true, value: null }],
    ['an unknown error', { type: 'answer', id: 1, ok: false, error: { code: 'EVIL', message: '' } }],
    ['bytes that are none', { type: 'piece', transfer: 1, piece: { offset: 0, bytes: 'x' } }],
    ['a place before the beginning', { type: 'piece', transfer: 1, piece: { offset: -1, bytes: new ArrayBuffer(1) } }],
    ['a fetch that neither goes on nor is over', { type: 'fetched', transfer: 1, bytes: 4 }],
    ['a device of others', { type: 'lost', devices: ['cpu(0)'], reason: '' }],
  ])('ends where the page sends %s', (_case, data) => {
    const { port, window, log, onMessage, onEnd } = open();
    port.emit('message', { data });
    expect(onMessage).not.toHaveBeenCalled();
    expect(onEnd.mock.calls).toEqual([['it sent a message that is none of the protocol']]);
    expect(window.destroy).toHaveBeenCalledOnce();
    expect(log).toHaveBeenCalledOnce();
  });

  it.each([
    ['the process crashes', 'its process is gone: crashed'],
    ['the page hangs', 'it hung'],
  ])('ends once where %s, and nothing comes after', (_case, reason) => {
    const { port, window, link, onMessage, onEnd, end } = open();
    end(reason);
    port.emit('close');
    port.emit('message', { data: { type: 'taken', bytes: 1 } });
    link.post({ type: 'credit', transfer: 1 });
    expect(onEnd.mock.calls).toEqual([[reason]]);
    expect(window.destroy).toHaveBeenCalledOnce();
    expect(port.close).toHaveBeenCalledOnce();
    expect(port.posted).toEqual([]);
    expect(onMessage).not.toHaveBeenCalled();
  });

  describe('where the page is to read a file', () => {
    const region = {
      path: '/home/somebody/m.safetensors',
      offset: 8,
      nbytes: 4,
      stamp: { size: 12, mtimeMs: 1, ino: 1 },
    };
    const op = { kind: 'fetch', handle: 1, transfer: 5, dtype: 'float32', source: { kind: 'file', region } } as const;

    function lend() {
      const opened = open();
      opened.link.post({ type: 'op', op });
      const [message] = opened.port.posted as [{ op: { source: { address: string } } }];
      const { address } = message.op.source;
      const status = async () => {
        const request = new Request(`parascope://gpu${address}`, { headers: { range: 'bytes=0-3' } });
        return (await opened.regions.answer(request)).status;
      };
      return { ...opened, message, address, status };
    }

    it('tells it an address that cannot be guessed, and no path', () => {
      const { message, address } = lend();
      expect(message).toEqual({ type: 'op', op: { ...op, source: { kind: 'address', address, nbytes: 4 } } });
      expect(address).toMatch(/^\/region\/[\w-]{43}$/);
      expect(lend().address).not.toBe(address);
    });

    it.each<[string, (opened: ReturnType<typeof lend>) => void]>([
      [
        'the op',
        ({ port }) => port.emit('message', { data: { type: 'fetched', transfer: 5, bytes: 4, isOver: true } }),
      ],
      ['the page', ({ end }) => end('its process is gone: crashed')],
    ])('the address ends with %s', async (_case, finish) => {
      const opened = lend();
      // The file is not there, which only an address that still holds can tell.
      expect(await opened.status()).toBe(409);
      opened.port.emit('message', { data: { type: 'fetched', transfer: 5, bytes: 2, isOver: false } });
      expect(await opened.status()).toBe(409);
      finish(opened);
      expect(await opened.status()).toBe(404);
    });
  });

  it('ends where the page closes its port', () => {
    const { port, onEnd } = open();
    port.emit('close');
    expect(onEnd.mock.calls).toEqual([['its page closed the line']]);
  });
});

describe('the host of the GPU window', () => {
  it('opens no window before one is asked for, another after one ended, and closes the last', async () => {
    const windows: WorkerWindow[] = [];
    const open = () => {
      const window = { port: new FakePort(), onGone: () => {}, destroy: vi.fn() };
      windows.push(window);
      return window;
    };
    const host = new GpuHost(open, vi.fn(), new RegionAddresses());
    expect(windows).toHaveLength(0);
    await host.close();
    host.start();
    host.start();
    expect(windows).toHaveLength(2);
    await host.close();
    expect(windows.map(({ destroy }) => vi.mocked(destroy).mock.calls.length)).toEqual([0, 1]);
  });
});
