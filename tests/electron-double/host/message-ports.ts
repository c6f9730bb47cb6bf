import { RefusedByDouble, refusing } from '../refusal.ts';
import { KnownEvents } from './known-events.ts';

export interface PortMessage {
  readonly data: unknown;
  readonly ports: readonly MessagePortMain[];
}

/** Where what is posted on a port goes: its partner here, or a page. */
export interface PortTarget {
  post(message: unknown, transfer: readonly MessagePortMain[]): void;
  close(): void;
}

/** Messages wait until `start()`; a port that was sent to a page cannot be used here any more. */
export class MessagePortMain extends KnownEvents {
  private target: PortTarget | null = null;
  private readonly waiting: PortMessage[] = [];
  private started = false;
  private closed = false;
  private sentAway = false;

  constructor() {
    super('MessagePortMain', ['message', 'close']);
  }

  postMessage(message: unknown, transfer: readonly MessagePortMain[] = []): void {
    for (const port of transfer) {
      if (!(port instanceof MessagePortMain)) throw new TypeError('Port at index 0 is not a valid port');
    }
    if (this.sentAway) throw new RefusedByDouble('use of a MessagePortMain that was sent to a page');
    if (!this.closed) this.target?.post(message, transfer);
  }

  start(): void {
    this.started = true;
    for (const message of this.waiting.splice(0)) this.emit('message', message);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.target?.close();
    setImmediate(() => this.emit('close'));
  }

  /** What arrives from the other end. */
  deliver(message: PortMessage): void {
    if (this.closed) return;
    if (this.started) setImmediate(() => this.emit('message', message));
    else this.waiting.push(message);
  }

  /** The other end is gone. */
  endedElsewhere(): void {
    if (this.closed) return;
    this.closed = true;
    setImmediate(() => this.emit('close'));
  }

  connect(target: PortTarget): void {
    this.target = target;
  }

  /** Leaves this process for a page; its partner talks to the page once this one has arrived there. */
  leave(): MessagePortMain {
    const partner = partners.get(this);
    if (!partner || this.sentAway) throw new RefusedByDouble('sending of a MessagePortMain that is in use elsewhere');
    this.sentAway = true;
    return partner;
  }

  /** The page has the port: what waits here goes to it first. */
  arriveAt(target: PortTarget): void {
    for (const { data } of this.waiting.splice(0)) target.post(data, []);
    partners.get(this)?.connect(target);
  }
}

/** Ports are made by channels and pages alone; this is how they are handed out. */
export const newPort = (): MessagePortMain => refusing('MessagePortMain', new MessagePortMain());

const partners = new WeakMap<MessagePortMain, MessagePortMain>();

function pair(one: MessagePortMain, other: MessagePortMain): void {
  partners.set(one, other);
  one.connect({
    post: (message, ports) => {
      if (ports.length > 0) throw new RefusedByDouble('sending of ports through ports');
      other.deliver({ data: structuredClone(message), ports: [] });
    },
    close: () => other.endedElsewhere(),
  });
}

export class MessageChannelMain {
  readonly port1: MessagePortMain;
  readonly port2: MessagePortMain;

  constructor() {
    this.port1 = newPort();
    this.port2 = newPort();
    pair(this.port1, this.port2);
    pair(this.port2, this.port1);
  }
}
