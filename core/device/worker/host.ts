import { CancelledError, deserializeError, InvalidStateError, ParascopeError } from '../../errors.ts';
import { bytesFor } from '../../ndarray/dtype.ts';
import type {
  Answers,
  Configuration,
  FetchSource,
  FromWorker,
  Handle,
  MemoryOp,
  MemoryQuery,
  Op,
  Query,
  ToWorker,
  TransferOp,
} from '../protocol.ts';
import { Failures } from './failures.ts';
import { Mailbox } from './mailbox.ts';

/** What holds the arrays of a worker's devices and computes: `DeviceMemory` on the cpu, `GpuMemory` on GPUs. */
export interface DeviceHost {
  /** Called first and once. */
  configure?(configuration: Configuration): void | Promise<void>;
  /**
   * Throws or rejects where the op fails; what it was to write is then freed and spoiled by the caller,
   * which also refuses ops on spoiled arrays. The next op comes after this one settled.
   */
  run(op: MemoryOp): void | Promise<void>;
  answer(query: MemoryQuery): MemoryAnswer | Promise<MemoryAnswer>;
  /** Resolves once all work that was submitted is done; rejects with what failed unnoticed. */
  finish?(): Promise<void>;
}

export type MemoryAnswer = Answers[MemoryQuery['kind']];

/** The bytes of `source` in order, in pieces of `FETCH_PIECE_BYTES` but for the last. */
export type ReadSource = (source: FetchSource, signal: AbortSignal) => AsyncIterable<ArrayBuffer>;

/** The worker's end of the line: a MessagePort, or a process' channel, and how it reads bytes without it. */
export interface Endpoint {
  readonly read: ReadSource;
  post(message: FromWorker, transfer: readonly ArrayBuffer[]): void;
  listen(onMessage: (message: ToWorker) => void): void;
}

type Work = Extract<ToWorker, { type: 'configure' | 'op' | 'query' }>;

/**
 * The ordered queue of a device worker: ops and queries run strictly one after the other, whatever
 * each of them waits for. An op that fails spoils the arrays that it writes; ops on spoiled arrays spoil
 * their results with the same error, and queries are answered with it.
 */
export function serveDevices(host: DeviceHost, endpoint: Endpoint): void {
  const queue = new DeviceQueue(host, endpoint);
  endpoint.listen((message) => queue.accept(message));
}

class DeviceQueue {
  readonly #host: DeviceHost;
  readonly #endpoint: Endpoint;
  readonly #failures = new Failures();
  readonly #mailbox = new Mailbox();
  #waiting: Work[] = [];
  #isRunning = false;

  constructor(host: DeviceHost, endpoint: Endpoint) {
    this.#host = host;
    this.#endpoint = endpoint;
  }

  accept(message: ToWorker): void {
    switch (message.type) {
      case 'configure':
      case 'op':
      case 'query':
        this.#waiting.push(message);
        void this.#drain();
        return;
      case 'piece':
        this.#mailbox.deliver(message.transfer, message.piece);
        return;
      case 'credit':
        this.#mailbox.credit(message.transfer);
        return;
      case 'abandon':
        this.#mailbox.abandon(message.transfer);
        return;
    }
  }

  async #drain(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (const work of batch) {
        const pending = this.#perform(work);
        // Most work of the cpu is done by now: to await it would cost a turn of the loop for each op.
        if (pending) await pending;
      }
    }
    this.#isRunning = false;
  }

  #perform(work: Work): Promise<void> | undefined {
    switch (work.type) {
      case 'configure':
        return this.#host.configure?.(work.configuration) ?? undefined;
      case 'op':
        return this.#apply(work.op);
      case 'query':
        return this.#reply(work.id, work.query);
    }
  }

  /** Never rejects. */
  #apply(op: Op): Promise<void> | undefined {
    try {
      const pending = this.#start(op);
      if (pending) {
        return pending.then(
          () => this.#taken(op),
          (cause: unknown) => this.#fail(op, cause),
        );
      }
      this.#taken(op);
    } catch (cause) {
      return this.#fail(op, cause);
    }
    return undefined;
  }

  #start(op: Op): Promise<void> | undefined {
    if (op.kind === 'send') return this.#send(op);
    if (op.kind === 'receive') return this.#receive(op);
    if (op.kind === 'fetch') return this.#fetch(op);
    if (op.kind === 'free') this.#failures.forget(op.handle);
    else this.#failures.throwAny(op);
    return this.#host.run(op) ?? undefined;
  }

  async #fail(op: Op, cause: unknown): Promise<void> {
    const written = this.#failures.record(op, asParascopeError(cause));
    for (const handle of written) await this.#discard(handle);
    this.#taken(op);
  }

  async #discard(handle: Handle): Promise<void> {
    try {
      await this.#host.run({ kind: 'free', handle });
    } catch {
      // The array is spoiled either way, with the error that came first.
    }
  }

  #taken(op: Op): void {
    if (op.kind === 'upload') this.#endpoint.post({ type: 'taken', bytes: op.bytes.byteLength }, []);
  }

  async #send({ handle, transfer, start, count, form, pieceElements }: SendOp): Promise<void> {
    const outgoing = this.#mailbox.openOutgoing(transfer);
    try {
      const end = start + count;
      for (let from = start; from < end; from += pieceElements) {
        if (!(await outgoing.credit())) return;
        this.#failures.throwFor(handle);
        const query = { kind: 'read', handle, start: from, count: Math.min(pieceElements, end - from), form } as const;
        const bytes = (await this.#host.answer(query)) as Answers['read'];
        this.#endpoint.post({ type: 'piece', transfer, piece: { offset: from - start, bytes } }, [bytes]);
      }
    } catch (cause) {
      const error = asParascopeError(cause);
      // From here on it is the receiver's to report.
      this.#failures.reported(error);
      this.#endpoint.post({ type: 'piece', transfer, piece: { error: error.toJSON() } }, []);
    } finally {
      this.#mailbox.closeOutgoing(transfer);
    }
  }

  /** Takes every piece that comes, also after a failure: the sender counts on it. */
  async #receive(op: ReceiveOp): Promise<void> {
    const { handle, transfer, dtype, count } = op;
    let failure: ParascopeError | null = null;
    for (let missing = count; missing > 0; ) {
      const piece = await this.#mailbox.nextPiece(transfer);
      if ('error' in piece) {
        failure ??= deserializeError(piece.error);
        break;
      }
      const { offset, bytes } = piece;
      missing -= bytes.byteLength / bytesFor(dtype, 1);
      if (failure === null) failure = await this.#write(handle, { kind: 'upload', handle, dtype, offset, bytes });
      this.#endpoint.post({ type: 'credit', transfer }, []);
    }
    this.#mailbox.closeIncoming(transfer);
    if (failure) throw failure;
  }

  async #fetch({ handle, transfer, dtype, source }: FetchOp): Promise<void> {
    const signal = this.#mailbox.openFetch(transfer);
    let done = 0;
    try {
      this.#failures.throwFor(handle);
      for await (const bytes of this.#endpoint.read(source, signal)) {
        if (signal.aborted) throw new CancelledError();
        const { byteLength } = bytes;
        await this.#host.run({ kind: 'upload', handle, dtype, offset: done / bytesFor(dtype, 1), bytes });
        done += byteLength;
        this.#endpoint.post({ type: 'fetched', transfer, bytes: done, isOver: false }, []);
      }
    } catch (cause) {
      throw signal.aborted ? new CancelledError() : cause;
    } finally {
      this.#mailbox.closeFetch(transfer);
      this.#endpoint.post({ type: 'fetched', transfer, bytes: done, isOver: true }, []);
    }
  }

  async #write(handle: Handle, op: MemoryOp): Promise<ParascopeError | null> {
    try {
      this.#failures.throwFor(handle);
      await this.#host.run(op);
      return null;
    } catch (cause) {
      return asParascopeError(cause);
    }
  }

  async #reply(id: number, query: Query): Promise<void> {
    try {
      const value = await this.#answer(query);
      const moved = value instanceof ArrayBuffer ? [value] : [];
      this.#endpoint.post({ type: 'answer', id, ok: true, value }, moved);
    } catch (cause) {
      this.#endpoint.post({ type: 'answer', id, ok: false, error: asParascopeError(cause).toJSON() }, []);
    }
  }

  async #answer(query: Query): Promise<Answers[keyof Answers]> {
    switch (query.kind) {
      case 'sync':
        await this.#host.finish?.();
        for (const handle of query.handles) this.#failures.report(handle);
        return null;
      case 'waitAll':
        await this.#host.finish?.();
        this.#failures.reportFirst();
        return null;
      case 'read':
      case 'norm':
      case 'statistics':
        this.#failures.report(query.handle);
        return await this.#host.answer(query);
      case 'distance':
        this.#failures.report(query.handle);
        this.#failures.report(query.other);
        return await this.#host.answer(query);
      case 'census':
      case 'devices':
        return await this.#host.answer(query);
    }
  }
}

type SendOp = Extract<TransferOp, { kind: 'send' }>;
type ReceiveOp = Extract<TransferOp, { kind: 'receive' }>;
type FetchOp = Extract<TransferOp, { kind: 'fetch' }>;

export function asParascopeError(cause: unknown): ParascopeError {
  if (cause instanceof ParascopeError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new InvalidStateError(`The device worker failed: ${message}`);
}
