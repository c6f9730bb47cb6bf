import type { FromPage } from '../messages.ts';

/** Real MessagePorts of the page whose other ends are in the double's main process. */
export class PagePorts {
  readonly #post: (message: FromPage) => void;
  readonly #pumps = new Map<number, MessagePort>();
  /** Ports that a page opens count down, those of the main process count up. */
  #next = -1;

  constructor(post: (message: FromPage) => void) {
    this.#post = post;
  }

  /** A port for the page; what it is sent goes to `port` of the main process. */
  receive(port: number): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#pump(port, port1);
    return port2;
  }

  /** The page gives its port away: the main process gets its number. */
  give(port: MessagePort): number {
    const number = this.#next--;
    this.#pump(number, port);
    return number;
  }

  deliver(port: number, data: unknown): void {
    this.#pumps.get(port)?.postMessage(data);
  }

  close(port: number): void {
    this.#pumps.get(port)?.close();
    this.#pumps.delete(port);
  }

  #pump(number: number, port: MessagePort): void {
    this.#pumps.set(number, port);
    port.addEventListener('message', (event) => {
      if (event.ports.length > 0) throw new Error('The double of Electron sends no ports through ports.');
      this.#post({ kind: 'port-message', port: number, data: event.data as unknown });
    });
    port.addEventListener('close', () => {
      if (this.#pumps.delete(number)) this.#post({ kind: 'port-close', port: number });
    });
    port.start();
  }
}
