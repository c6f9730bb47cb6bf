import { bytesFor } from '../ndarray/dtype.ts';
import { type Op, PIECES_UNDER_WAY, type ToWorker } from './protocol.ts';
import type { WorkerLink } from './worker-link.ts';

type Upload = Extract<Op, { kind: 'upload' }>;

/**
 * Posts messages in order, large uploads in pieces, and holds them back while the worker has enough
 * uploads to do: so neither side of a link that copies ever has many of their bytes at once.
 */
export class Outbox {
  readonly #link: WorkerLink;
  readonly #window: number;
  #waiting: ToWorker[] = [];
  /** How much of the first upload that waits is posted. */
  #posted = 0;
  #underWay = 0;

  constructor(link: WorkerLink) {
    this.#link = link;
    this.#window = PIECES_UNDER_WAY * link.maxPieceBytes;
  }

  post(message: ToWorker): void {
    this.#waiting.push(message);
    if (this.#waiting.length === 1) this.#flush();
  }

  /** The worker is done with an upload of that many bytes. */
  taken(bytes: number): void {
    this.#underWay -= bytes;
    this.#flush();
  }

  #flush(): void {
    let done = 0;
    for (const message of this.#waiting) {
      if (!this.#postWhole(message)) break;
      done++;
    }
    this.#waiting = this.#waiting.slice(done);
  }

  /** False where a part of it has to wait. */
  #postWhole(message: ToWorker): boolean {
    if (message.type !== 'op' || message.op.kind !== 'upload') {
      this.#link.post(message);
      return true;
    }
    const { op } = message;
    const { byteLength } = op.bytes;
    do {
      if (this.#underWay > 0 && this.#underWay >= this.#window) return false;
      this.#postPiece(op);
    } while (this.#posted < byteLength);
    this.#posted = 0;
    return true;
  }

  #postPiece(upload: Upload): void {
    const { byteLength } = upload.bytes;
    const from = this.#posted;
    const to = Math.min(byteLength, from + this.#link.maxPieceBytes);
    const bytes = to - from === byteLength ? upload.bytes : upload.bytes.slice(from, to);
    const offset = upload.offset + from / bytesFor(upload.dtype, 1);
    this.#posted = to;
    this.#underWay += bytes.byteLength;
    this.#link.post({ type: 'op', op: { ...upload, offset, bytes } }, [bytes]);
  }
}
