import { deserializeError, type ParascopeError } from '../errors.ts';
import { Outbox } from './outbox.ts';
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
  /** The worker is gone, and all its arrays with it. Returns what queries that it owed an answer are told. */
  onEnd(reason: string): ParascopeError;
  /** The worker goes on, without the arrays of `devices`. */
  onLost(devices: readonly DeviceName[], reason: string): void;
  onPiece(transfer: TransferId, piece: Piece): void;
  onCredit(transfer: TransferId): void;
  onFetched(transfer: TransferId, bytes: number): void;
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
  #worker: { readonly link: WorkerLink; readonly outbox: Outbox } | null = null;
  #lastQuery = 0;
  /** Answers and arrays that somebody waits for. */
  #owed = 0;

  constructor(start: () => WorkerLink, configuration: Configuration, events: ChannelEvents) {
    this.#start = start;
    this.#configuration = configuration;
    this.#events = events;
  }

  get running(): boolean {
    return this.#worker !== null;
  }

  /** As the link says; of the worker that runs or would be started. */
  get maxPieceBytes(): number {
    return this.#live().link.maxPieceBytes;
  }

  post(op: Op): void {
    this.#live().outbox.post({ type: 'op', op });
  }

  /** Rejects with what `onEnd` returns where the worker dies before it answers. */
  ask<K extends Query['kind']>(query: Extract<Query, { kind: K }>): Promise<Answers[K]> {
    const { outbox } = this.#live();
    const id = ++this.#lastQuery;
    const release = this.hold();
    const answer = new Promise<Answers[K]>((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as Pending['resolve'], reject });
      outbox.post({ type: 'query', id, query });
    });
    return answer.finally(release);
  }

  /** Until the returned function is called, the worker that runs keeps the process alive. */
  hold(): () => void {
    const { link } = this.#live();
    // An idle worker must not keep the process alive; one that owes an answer must.
    if (this.#owed++ === 0) link.ref();
    return () => {
      if (this.#worker?.link === link && --this.#owed === 0) link.unref();
    };
  }

  /** Reaches the worker ahead of the ops that wait for it; nothing happens where it is gone. */
  signal(message: Extract<ToWorker, { type: 'piece' | 'credit' | 'abandon' }>): void {
    const moved = message.type === 'piece' && 'bytes' in message.piece ? [message.piece.bytes] : [];
    this.#worker?.link.post(message, moved);
  }

  async close(): Promise<void> {
    const link = this.#worker?.link;
    if (!link) return;
    this.#end(link, 'it was closed');
    await link.close();
  }

  #live(): { readonly link: WorkerLink; readonly outbox: Outbox } {
    if (this.#worker) return this.#worker;
    const link = this.#start();
    const worker = { link, outbox: new Outbox(link) };
    this.#worker = worker;
    this.#owed = 0;
    link.listen({
      onMessage: (message) => {
        if (this.#worker === worker) this.#receive(worker.outbox, message);
      },
      onEnd: (reason) => this.#end(link, reason),
    });
    link.post({ type: 'configure', configuration: this.#configuration });
    return worker;
  }

  #receive(outbox: Outbox, message: FromWorker): void {
    switch (message.type) {
      case 'answer':
        this.#settle(message);
        return;
      case 'piece':
        this.#events.onPiece(message.transfer, message.piece);
        return;
      case 'credit':
        this.#events.onCredit(message.transfer);
        return;
      case 'fetched':
        if (!message.isOver) this.#events.onFetched(message.transfer, message.bytes);
        return;
      case 'taken':
        outbox.taken(message.bytes);
        return;
      case 'lost':
        this.#events.onLost(message.devices, message.reason);
        return;
    }
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (answer.ok) pending?.resolve(answer.value);
    else pending?.reject(deserializeError(answer.error));
  }

  #end(link: WorkerLink, reason: string): void {
    if (link !== this.#worker?.link) return;
    this.#worker = null;
    const error = this.#events.onEnd(reason);
    const owed = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of owed) reject(error);
  }
}
