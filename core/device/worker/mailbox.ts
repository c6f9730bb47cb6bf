import { PIECES_UNDER_WAY, type Piece, type TransferId } from '../protocol.ts';

/** The pieces that arrived for a `receive`, which may not have begun yet. */
interface Incoming {
  readonly pieces: Piece[];
  wake: (() => void) | null;
}

/** How many more pieces a `send` may post. */
export class Outgoing {
  #credits = PIECES_UNDER_WAY;
  #isAbandoned = false;
  #wake: (() => void) | null = null;

  /** Takes one credit as soon as there is one; false where nobody wants more pieces. */
  async credit(): Promise<boolean> {
    if (this.#credits === 0 && !this.#isAbandoned) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#credits--;
    return !this.#isAbandoned;
  }

  grant(): void {
    this.#credits++;
    this.#wake?.();
  }

  abandon(): void {
    this.#isAbandoned = true;
    this.#wake?.();
  }
}

/** What arrives at a worker between the ops of its queue: pieces and credits of transfers that are under way. */
export class Mailbox {
  readonly #incoming = new Map<TransferId, Incoming>();
  readonly #outgoing = new Map<TransferId, Outgoing>();
  readonly #fetches = new Map<TransferId, AbortController>();
  /** Transfers that were abandoned before their `send` or `fetch` began. */
  readonly #abandoned = new Set<TransferId>();

  deliver(transfer: TransferId, piece: Piece): void {
    const incoming = this.#incomingOf(transfer);
    incoming.pieces.push(piece);
    incoming.wake?.();
    incoming.wake = null;
  }

  credit(transfer: TransferId): void {
    this.#outgoing.get(transfer)?.grant();
  }

  abandon(transfer: TransferId): void {
    const outgoing = this.#outgoing.get(transfer);
    const fetch = this.#fetches.get(transfer);
    if (outgoing) outgoing.abandon();
    else if (fetch) fetch.abort();
    else this.#abandoned.add(transfer);
  }

  openOutgoing(transfer: TransferId): Outgoing {
    const outgoing = new Outgoing();
    if (this.#abandoned.has(transfer)) outgoing.abandon();
    this.#outgoing.set(transfer, outgoing);
    return outgoing;
  }

  closeOutgoing(transfer: TransferId): void {
    this.#outgoing.delete(transfer);
    this.#forgetAbandoned(transfer);
  }

  /** Aborts where nobody wants the `fetch` any more. */
  openFetch(transfer: TransferId): AbortSignal {
    const controller = new AbortController();
    if (this.#abandoned.has(transfer)) controller.abort();
    this.#fetches.set(transfer, controller);
    return controller.signal;
  }

  closeFetch(transfer: TransferId): void {
    this.#fetches.delete(transfer);
    this.#forgetAbandoned(transfer);
  }

  #forgetAbandoned(transfer: TransferId): void {
    // Transfers begin in ascending order: what was abandoned up to here can only have been over already.
    for (const id of this.#abandoned) if (id <= transfer) this.#abandoned.delete(id);
  }

  async nextPiece(transfer: TransferId): Promise<Piece> {
    const incoming = this.#incomingOf(transfer);
    for (;;) {
      const piece = incoming.pieces.shift();
      if (piece) return piece;
      await new Promise<void>((resolve) => {
        incoming.wake = resolve;
      });
    }
  }

  closeIncoming(transfer: TransferId): void {
    this.#incoming.delete(transfer);
  }

  #incomingOf(transfer: TransferId): Incoming {
    const incoming = this.#incoming.get(transfer) ?? { pieces: [], wake: null };
    this.#incoming.set(transfer, incoming);
    return incoming;
  }
}
