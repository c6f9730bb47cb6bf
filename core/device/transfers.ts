import { deserializeError, type ParascopeError } from '../errors.ts';
import type { Piece, TransferId } from './protocol.ts';
import type { WorkerChannel } from './worker-channel.ts';

/** An array that goes from one worker to another: its pieces pass through here, its credits back. */
interface Relay {
  readonly source: WorkerChannel;
  readonly target: WorkerChannel;
  /** That the receiver has yet to write. */
  pieces: number;
}

/** An array that is read in pieces. */
interface Reading {
  readonly source: WorkerChannel;
  readonly bytes: Uint8Array;
  readonly bytesPerElement: number;
  readonly resolve: (bytes: ArrayBuffer) => void;
  readonly reject: (error: ParascopeError) => void;
  missing: number;
}

/** What an array that is read in pieces takes on the main side. */
export interface ReadingSpec {
  readonly byteLength: number;
  /** In the form that was asked for. */
  readonly bytesPerElement: number;
}

/** The arrays that are on their way between workers, or from a worker to the main side. */
export class Transfers {
  readonly #relays = new Map<TransferId, Relay>();
  readonly #readings = new Map<TransferId, Reading>();
  /** Who is told how far each `fetch` came. */
  readonly #fetches = new Map<TransferId, (doneBytes: number) => void>();
  #lastTransfer = 0;

  /** The transfer of an array that `target` will receive from `source` in so many pieces. */
  relay(source: WorkerChannel, target: WorkerChannel, pieces: number): TransferId {
    const transfer = ++this.#lastTransfer;
    this.#relays.set(transfer, { source, target, pieces });
    return transfer;
  }

  /** Collects what `source` will send. `start` is told the transfer. */
  read(source: WorkerChannel, spec: ReadingSpec, start: (transfer: TransferId) => void): Promise<ArrayBuffer> {
    const transfer = ++this.#lastTransfer;
    const { byteLength, bytesPerElement } = spec;
    const release = source.hold();
    const bytes = new Promise<ArrayBuffer>((resolve, reject) => {
      const target = new Uint8Array(byteLength);
      this.#readings.set(transfer, { source, bytes: target, bytesPerElement, resolve, reject, missing: byteLength });
      start(transfer);
    });
    return bytes.finally(() => {
      this.#readings.delete(transfer);
      release();
    });
  }

  /** What a worker reads by itself, until `endFetch`. */
  fetch(onProgress: (doneBytes: number) => void): TransferId {
    const transfer = ++this.#lastTransfer;
    this.#fetches.set(transfer, onProgress);
    return transfer;
  }

  endFetch(transfer: TransferId): void {
    this.#fetches.delete(transfer);
  }

  onFetched(transfer: TransferId, doneBytes: number): void {
    this.#fetches.get(transfer)?.(doneBytes);
  }

  onPiece(transfer: TransferId, piece: Piece): void {
    const reading = this.#readings.get(transfer);
    if (reading) this.#collect(transfer, reading, piece);
    const relay = this.#relays.get(transfer);
    if (!relay) return;
    if ('error' in piece) this.#relays.delete(transfer);
    relay.target.signal({ type: 'piece', transfer, piece });
  }

  /** The receiver wrote a piece. */
  onCredit(transfer: TransferId): void {
    const relay = this.#relays.get(transfer);
    if (!relay) return;
    relay.pieces--;
    if (relay.pieces === 0) this.#relays.delete(transfer);
    else relay.source.signal({ type: 'credit', transfer });
  }

  /** That worker is gone: its senders and receivers must not wait for it. */
  onEnd(channel: WorkerChannel, error: ParascopeError): void {
    for (const [transfer, { source, target }] of this.#relays) {
      if (source !== channel && target !== channel) continue;
      this.#relays.delete(transfer);
      if (source === channel) target.signal({ type: 'piece', transfer, piece: { error: error.toJSON() } });
      else source.signal({ type: 'abandon', transfer });
    }
    for (const { source, reject } of this.#readings.values()) if (source === channel) reject(error);
  }

  #collect(transfer: TransferId, reading: Reading, piece: Piece): void {
    if ('error' in piece) {
      reading.reject(deserializeError(piece.error));
      return;
    }
    const { bytes, bytesPerElement } = reading;
    bytes.set(new Uint8Array(piece.bytes), piece.offset * bytesPerElement);
    reading.missing -= piece.bytes.byteLength;
    if (reading.missing === 0) reading.resolve(bytes.buffer as ArrayBuffer);
    else reading.source.signal({ type: 'credit', transfer });
  }
}
