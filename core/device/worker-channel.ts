import { DeviceLostError, deserializeError, type ParascopeError } from '../errors.ts';
import type {
  Answer,
  Answers,
  Configuration,
  DeviceName,
  FromWorker,
  Op,
  Piece,
  Query,
  ToWorker,
  TransferId,
} from './protocol.ts';
import type { WorkerLink } from './worker-link.ts';

interface Pending {
  readonly resolve: (value: Answers[keyof Answers]) => void;
  readonly reject: (error: ParascopeError) => void;
}

/** What a channel tells of its worker. */
export interface ChannelEvents {
  /** The worker is gone, and all its arrays with it. */
  onEnd(reason: string): void;
  /** The worker goes on, without the arrays of `devices`. */
  onLost(devices: readonly DeviceName[], reason: string): void;
  onPiece(transfer: TransferId, piece: Piece): void;
  onCredit(transfer: TransferId): void;
}

/**
 * The main side of one device worker: starts it at first use, posts in order, matches answers to
 * queries. When the worker dies, queries fail, and the next use starts a new one.
 */
export class WorkerChannel {
  readonly #start: () => WorkerLink;
  readonly #configuration: Configuration;
  readonly #events: ChannelEvents;
  readonly #pending = new Map<number, Pending>();
  #link: WorkerLink | null = null;
  #lastQuery = 0;

  constructor(start: () => WorkerLink, configuration: Configuration, events: ChannelEvents) {
    this.#start = start;
    this.#configuration = configuration;
    this.#events = events;
  }

  get running(): boolean {
    return this.#link !== null;
  }

  post(op: Op, transfer: readonly ArrayBuffer[] = []): void {
    this.#live().post({ type: 'op', op }, transfer);
  }

  ask<K extends Query['kind']>(query: Extract<Query, { kind: K }>): Promise<Answers[K]> {
    const link = this.#live();
    const id = ++this.#lastQuery;
    // An idle worker must not keep the process alive; one that owes an answer must.
    if (this.#pending.size === 0) link.ref();
    return new Promise<Answers[K]>((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as Pending['resolve'], reject });
      link.post({ type: 'query', id, query });
    });
  }

  /** To a worker that runs already; nothing happens where it is gone. */
  signal(message: Extract<ToWorker, { type: 'piece' | 'credit' | 'abandon' }>): void {
    const moved = message.type === 'piece' && 'bytes' in message.piece ? [message.piece.bytes] : [];
    this.#link?.post(message, moved);
  }

  async close(): Promise<void> {
    const link = this.#link;
    if (!link) return;
    this.#end(link, 'it was closed');
    await link.close();
  }

  #live(): WorkerLink {
    if (this.#link) return this.#link;
    const link = this.#start();
    this.#link = link;
    link.listen({
      onMessage: (message) => {
        if (link === this.#link) this.#receive(link, message);
      },
      onEnd: (reason) => this.#end(link, reason),
    });
    link.post({ type: 'configure', configuration: this.#configuration });
    return link;
  }

  #receive(link: WorkerLink, message: FromWorker): void {
    switch (message.type) {
      case 'answer':
        this.#settle(link, message);
        return;
      case 'piece':
        this.#events.onPiece(message.transfer, message.piece);
        return;
      case 'credit':
        this.#events.onCredit(message.transfer);
        return;
      case 'taken':
        return;
      case 'lost':
        this.#events.onLost(message.devices, message.reason);
        return;
    }
  }

  #settle(link: WorkerLink, answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    if (!pending) return;
    this.#pending.delete(answer.id);
    if (this.#pending.size === 0) link.unref();
    if (answer.ok) pending.resolve(answer.value);
    else pending.reject(deserializeError(answer.error));
  }

  #end(link: WorkerLink, reason: string): void {
    if (link !== this.#link) return;
    this.#link = null;
    this.#events.onEnd(reason);
    const error = lostError(reason);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

export function lostError(reason: string): DeviceLostError {
  return new DeviceLostError(`The device worker that held this array is gone (${reason}). Load the value again.`);
}
