import type { FromWorker, ToWorker, TransferId } from '../../../core/device/protocol.ts';
import type { LinkHandlers, WorkerLink } from '../../../core/device/worker-link.ts';
import { fromWorkerSchema } from './messages.ts';
import type { LentRegion, RegionAddresses } from './region-addresses.ts';

/**
 * A message to a page is copied whole into a buffer between the processes: tiles keep that small, and
 * both event loops free.
 */
const TILE_BYTES = 256 * 1024;

/** The main side's end of a `MessageChannelMain`, as far as it is used here. */
export interface Port {
  postMessage(message: ToWorker): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

/** The hidden window that holds the other end. */
export interface WorkerWindow {
  readonly port: Port;
  /** Called once, where the window or its page is gone or of no more use. */
  onGone(listener: (reason: string) => void): void;
  /** At once, without asking its page. */
  destroy(): void;
}

/**
 * The line to the device worker in a hidden window. No buffer is moved: a message that transfers one to
 * the main process is lost on its way (electron#34905), so both sides send copies, tile by tile. What lies in
 * a file does not come this way at all: the page is told an address, which ends with the op.
 */
export class WindowLink implements WorkerLink {
  readonly maxPieceBytes = TILE_BYTES;
  readonly #window: WorkerWindow;
  readonly #log: (error: unknown) => void;
  readonly #regions: RegionAddresses;
  readonly #lent = new Map<TransferId, LentRegion>();
  #handlers: LinkHandlers | null = null;
  #isOver = false;

  constructor(window: WorkerWindow, log: (error: unknown) => void, regions: RegionAddresses) {
    this.#window = window;
    this.#log = log;
    this.#regions = regions;
  }

  listen(handlers: LinkHandlers): void {
    this.#handlers = handlers;
    const { port } = this.#window;
    port.on('message', ({ data }) => this.#receive(data));
    port.on('close', () => this.#end('its page closed the line'));
    this.#window.onGone((reason) => this.#end(reason));
    port.start();
  }

  post(message: ToWorker): void {
    if (!this.#isOver) this.#window.port.postMessage(this.#addressed(message));
  }

  /** The windows keep the program alive, and the program ends when the main one closes. */
  ref(): void {}

  unref(): void {}

  async close(): Promise<void> {
    this.#end('it was closed');
  }

  /** The page computes on content that strangers made: what it says is parsed as any page's words are. */
  #receive(data: unknown): void {
    if (this.#isOver) return;
    const parsed = fromWorkerSchema.safeParse(data);
    if (parsed.success) {
      const message = parsed.data as FromWorker;
      if (message.type === 'fetched' && message.isOver) this.#takeBack(message.transfer);
      this.#handlers?.onMessage(message);
      return;
    }
    this.#log(parsed.error);
    this.#end('it sent a message that is none of the protocol');
  }

  /** The page learns no path: of a file it is to read, an address. */
  #addressed(message: ToWorker): ToWorker {
    if (message.type !== 'op' || message.op.kind !== 'fetch' || message.op.source.kind !== 'file') return message;
    const { op } = message;
    const { region } = message.op.source;
    const lent = this.#regions.lend(region);
    this.#lent.set(op.transfer, lent);
    return { type: 'op', op: { ...op, source: { kind: 'address', address: lent.address, nbytes: region.nbytes } } };
  }

  #takeBack(transfer: TransferId): void {
    this.#lent.get(transfer)?.end();
    this.#lent.delete(transfer);
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const transfer of this.#lent.keys()) this.#takeBack(transfer);
    this.#window.port.close();
    this.#window.destroy();
    this.#handlers?.onEnd(reason);
  }
}
