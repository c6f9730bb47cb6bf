import type { FromWorker, ToWorker } from './protocol.ts';

export interface LinkHandlers {
  onMessage(message: FromWorker): void;
  /** The worker is gone; called once, and nothing after it. `reason` completes "The device worker is gone (…)". */
  onEnd(reason: string): void;
}

/** The main side's end of the line to one device worker: a thread, a forked process, or a hidden window. */
export interface WorkerLink {
  /** The most bytes of array content that one message may carry; Infinity where they are moved and not copied. */
  readonly maxPieceBytes: number;
  /** Called once, before the first `post`. */
  listen(handlers: LinkHandlers): void;
  /** Messages arrive in the order in which they were posted. `transfer` is moved where the link can, copied otherwise. */
  post(message: ToWorker, transfer?: readonly ArrayBuffer[]): void;
  /** The worker owes an answer: it must keep the process alive. Links start without that. */
  ref(): void;
  /** The worker is idle and must not keep the process alive. */
  unref(): void;
  /** Ends the worker; resolves when it is gone. */
  close(): Promise<void>;
}
