import type { FromPage, ToPage } from '../messages.ts';
import { refusing } from '../refusal.ts';
import type { PagePorts } from './ports.ts';

type Listener = (event: object, ...args: unknown[]) => void;

/** The renderer's half of IPC. Listeners run in the order in which they were added, as an EventEmitter's do. */
export class IpcRenderer {
  readonly #post: (message: FromPage) => void;
  readonly #ports: PagePorts;
  readonly #listeners = new Map<string, { readonly listener: Listener; readonly once: boolean }[]>();
  readonly #invoked = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #calls = 0;

  constructor(post: (message: FromPage) => void, ports: PagePorts) {
    this.#post = post;
    this.#ports = ports;
  }

  receive(message: ToPage): void {
    switch (message.kind) {
      case 'message': {
        const event = { sender: this.api, ports: message.ports.map((port) => this.#ports.receive(port)) };
        for (const entry of [...(this.#listeners.get(message.channel) ?? [])]) {
          if (entry.once) this.#remove(message.channel, entry.listener);
          entry.listener(event, ...message.args);
        }
        return;
      }
      case 'reply':
        this.#invoked.get(message.id)?.resolve(message.value);
        this.#invoked.delete(message.id);
        return;
      case 'refusal':
        this.#invoked.get(message.id)?.reject(new Error(message.message));
        this.#invoked.delete(message.id);
        return;
      case 'port-message':
        this.#ports.deliver(message.port, message.data);
        return;
      case 'port-close':
        this.#ports.close(message.port);
    }
  }

  readonly api: object = refusing('ipcRenderer', {
    send: (channel: string, ...args: unknown[]) => this.#post({ kind: 'send', channel, args, ports: [] }),
    postMessage: (channel: string, message: unknown, transfer: readonly MessagePort[] = []) => {
      const ports = transfer.map((port) => this.#ports.give(port));
      this.#post({ kind: 'send', channel, args: [message], ports });
    },
    invoke: (channel: string, ...args: unknown[]) =>
      new Promise((resolve, reject) => {
        const id = this.#calls++;
        this.#invoked.set(id, { resolve, reject });
        this.#post({ kind: 'invoke', id, channel, args });
      }),
    on: (channel: string, listener: Listener) => this.#add(channel, listener, false),
    once: (channel: string, listener: Listener) => this.#add(channel, listener, true),
    addListener: (channel: string, listener: Listener) => this.#add(channel, listener, false),
    off: (channel: string, listener: Listener) => this.#remove(channel, listener),
    removeListener: (channel: string, listener: Listener) => this.#remove(channel, listener),
    removeAllListeners: (channel: string) => {
      this.#listeners.delete(channel);
      return this.api;
    },
  });

  #add(channel: string, listener: Listener, once: boolean): object {
    const known = this.#listeners.get(channel) ?? [];
    this.#listeners.set(channel, [...known, { listener, once }]);
    return this.api;
  }

  #remove(channel: string, listener: Listener): object {
    const known = this.#listeners.get(channel) ?? [];
    const at = known.findLastIndex((entry) => entry.listener === listener);
    this.#listeners.set(
      channel,
      known.filter((_, i) => i !== at),
    );
    return this.api;
  }
}
