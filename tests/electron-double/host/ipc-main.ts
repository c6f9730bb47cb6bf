import { EventEmitter } from 'node:events';
import { refusing } from '../refusal.ts';
import type { MessagePortMain } from './message-ports.ts';

type InvokeListener = (event: object, ...args: unknown[]) => unknown;

/** What an IPC message tells of where it came from. */
export interface IpcOrigin {
  readonly sender: object;
  readonly senderFrame: object;
}

/** `ipcMain`, and the way in for the messages of pages. */
export class IpcMain {
  readonly #emitter = new EventEmitter();
  readonly #handlers = new Map<string, { readonly listener: InvokeListener; readonly once: boolean }>();

  readonly api = refusing('ipcMain', {
    on: (channel: string, listener: (...args: unknown[]) => void) => this.#chain(this.#emitter.on(channel, listener)),
    once: (channel: string, listener: (...args: unknown[]) => void) =>
      this.#chain(this.#emitter.once(channel, listener)),
    addListener: (channel: string, listener: (...args: unknown[]) => void) =>
      this.#chain(this.#emitter.on(channel, listener)),
    off: (channel: string, listener: (...args: unknown[]) => void) => this.#chain(this.#emitter.off(channel, listener)),
    removeListener: (channel: string, listener: (...args: unknown[]) => void) =>
      this.#chain(this.#emitter.off(channel, listener)),
    removeAllListeners: (channel: string) => this.#chain(this.#emitter.removeAllListeners(channel)),
    handle: (channel: string, listener: InvokeListener) => this.#handle(channel, listener, false),
    handleOnce: (channel: string, listener: InvokeListener) => this.#handle(channel, listener, true),
    removeHandler: (channel: string) => {
      this.#handlers.delete(channel);
    },
  });

  send(origin: IpcOrigin, channel: string, args: readonly unknown[], ports: readonly MessagePortMain[]): void {
    this.#emitter.emit(channel, refusing('IpcMainEvent', { ...origin, ports, type: 'frame' }), ...args);
  }

  /** Rejects with what the page's `invoke` rejects with. */
  async invoke(origin: IpcOrigin, channel: string, args: readonly unknown[]): Promise<unknown> {
    const handler = this.#handlers.get(channel);
    try {
      if (!handler) throw new Error(`No handler registered for '${channel}'`);
      if (handler.once) this.#handlers.delete(channel);
      return await handler.listener(refusing('IpcMainInvokeEvent', { ...origin, type: 'frame' }), ...args);
    } catch (error) {
      throw new Error(`Error invoking remote method '${channel}': ${error}`);
    }
  }

  #handle(channel: string, listener: InvokeListener, once: boolean): void {
    if (this.#handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.#handlers.set(channel, { listener, once });
  }

  #chain(_emitter: EventEmitter): object {
    return this.api;
  }
}
