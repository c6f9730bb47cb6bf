import type { ToPage } from '../messages.ts';
import { RefusedByDouble } from '../refusal.ts';
import { type MessagePortMain, newPort, type PortTarget } from './message-ports.ts';

/** The ports between the main process and one page. */
export class PortHub {
  readonly #post: (message: ToPage) => void;
  readonly #ports = new Map<number, MessagePortMain>();
  #next = 1;

  constructor(post: (message: ToPage) => void) {
    this.#post = post;
  }

  /** Sends ports to the page with the message that `post` sends, which is given their numbers there. */
  send(ports: readonly MessagePortMain[], post: (numbers: number[]) => void): void {
    const sent = ports.map((port) => ({ port, number: this.#next++ }));
    for (const { port, number } of sent) this.#ports.set(number, port.leave());
    post(sent.map(({ number }) => number));
    for (const { port, number } of sent) port.arriveAt(this.#target(number));
  }

  /** A port that the page gave away. */
  receive(number: number): MessagePortMain {
    const port = newPort();
    port.connect(this.#target(number));
    this.#ports.set(number, port);
    return port;
  }

  deliver(number: number, data: unknown): void {
    this.#ports.get(number)?.deliver({ data, ports: [] });
  }

  end(number: number): void {
    this.#ports.get(number)?.endedElsewhere();
    this.#ports.delete(number);
  }

  /** The document that held the other ends is gone. */
  endAll(): void {
    for (const number of [...this.#ports.keys()]) this.end(number);
  }

  #target(number: number): PortTarget {
    return {
      post: (data, transfer) => {
        if (transfer.length > 0) throw new RefusedByDouble('sending of ports through ports');
        this.#post({ kind: 'port-message', port: number, data });
      },
      close: () => {
        this.#ports.delete(number);
        this.#post({ kind: 'port-close', port: number });
      },
    };
  }
}
