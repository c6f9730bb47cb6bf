import { type SenderFrame, trustsSender } from './navigation-policy.ts';

export interface PageEvent {
  readonly sender: unknown;
  readonly senderFrame: SenderFrame | null;
}

/** The parts of Electron's `ipcMain` that are used here. */
export interface IpcMain {
  on(channel: string, listener: (event: PageEvent, message: unknown) => void): unknown;
  handle(channel: string, listener: (event: PageEvent, argument: unknown) => Promise<unknown>): unknown;
}

/**
 * The one way in for messages of pages. Those of pages that were not admitted, or of frames other than
 * our own top frame, are dropped and logged: an answer would tell an intruder that somebody listens.
 */
export class IpcGate {
  readonly #ipcMain: IpcMain;
  readonly #log: (error: unknown) => void;
  readonly #admitted = new Set<unknown>();

  constructor(ipcMain: IpcMain, log: (error: unknown) => void) {
    this.#ipcMain = ipcMain;
    this.#log = log;
  }

  admit(page: unknown): void {
    this.#admitted.add(page);
  }

  dismiss(page: unknown): void {
    this.#admitted.delete(page);
  }

  on(channel: string, listener: (message: unknown, page: unknown) => void): void {
    this.#ipcMain.on(channel, (event, message) => {
      if (this.#isTrusted(event, channel)) listener(message, event.sender);
    });
  }

  handle<T>(channel: string, listener: (argument: unknown, page: unknown) => Promise<T>): void {
    this.#ipcMain.handle(channel, async (event, argument) => {
      if (!this.#isTrusted(event, channel)) throw new Error('Refused.');
      return listener(argument, event.sender);
    });
  }

  #isTrusted(event: PageEvent, channel: string): boolean {
    if (this.#admitted.has(event.sender) && trustsSender(event.senderFrame)) return true;
    this.#log(
      new Error(`A message on ${channel} from ${event.senderFrame?.url ?? 'a frame that is gone'} was dropped.`),
    );
    return false;
  }
}
