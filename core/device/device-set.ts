import { InvalidStateError } from '../errors.ts';
import { isByteFloat } from '../ndarray/codec/float-codec.ts';
import { bytesFor, type DType } from '../ndarray/dtype.ts';
import type { FileRegion } from '../ndarray/lazy-tensor.ts';
import { cpu, type Device, type DeviceType, gpu } from './device.ts';
import type { DeviceInfo } from './device-info.ts';
import type { NDArray } from './nd-array.ts';
import { startGpuProcess } from './process-link.ts';
import type { DeviceSurvey, MemoryQuery } from './protocol.ts';
import { logicalGpus } from './settings.ts';
import { startCpuThread } from './thread-link.ts';
import { Transfers } from './transfers.ts';
import type { WorkerChannel } from './worker-channel.ts';
import { WorkerDevices } from './worker-devices.ts';
import type { WorkerLink } from './worker-link.ts';

export interface DeviceSetOptions {
  /** Bytes that arrays may take on all cpu devices together; by default 4 GiB and no request over half of the free memory. */
  readonly memoryBudget?: number | undefined;
  /** Bytes that arrays may take on each gpu; by default what the adapter has room for. */
  readonly gpuMemoryBudget?: number | undefined;
  /** Logical devices for each GPU adapter; by default what PARASCOPE_LOGICAL_GPUS says, else 1. */
  readonly logicalGpus?: number | undefined;
  /** Starts the worker that serves `cpu(i)`, and another when that one died; by default a thread. */
  readonly startCpu?: (() => WorkerLink) | undefined;
  /** Starts the worker that serves every `gpu(i)`; by default a forked process on Dawn. */
  readonly startGpu?: (() => WorkerLink) | undefined;
  /** Called when all arrays on these devices are lost. */
  readonly onLost?: ((devices: readonly Device[]) => void) | undefined;
}

/** Storage bytes of `dtype` in a file. */
export interface StoredElements {
  readonly dtype: DType;
  readonly region: FileRegion;
}

export interface FetchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes of the file that are on the device. */
  readonly onProgress?: ((doneBytes: number) => void) | undefined;
}

/** The most bytes of a piece that goes from one worker to another, where both links would take more. */
const MOST_PIECE_BYTES = 2 ** 20;

/** The workers behind all devices, and the ways between them. Each is started at its first use. */
export class DeviceSet {
  readonly #options: DeviceSetOptions;
  readonly #transfers = new Transfers();
  readonly #cpu: WorkerDevices;
  #gpu: WorkerDevices;
  #logicalGpus: number;

  constructor(options: DeviceSetOptions) {
    this.#options = options;
    this.#logicalGpus = options.logicalGpus ?? logicalGpus();
    this.#cpu = this.#serving('cpu', options.startCpu ?? startCpuThread, options.memoryBudget);
    this.#gpu = this.#servingGpus();
  }

  of(device: Device): WorkerDevices {
    return device.type === 'cpu' ? this.#cpu : this.#gpu;
  }

  /** The workers that were started. */
  running(): WorkerChannel[] {
    return [this.#cpu.channel, this.#gpu.channel].filter((channel) => channel.running);
  }

  setLogicalGpus(count: number): void {
    if (count === this.#logicalGpus) return;
    if (this.#gpu.channel.running) {
      throw new InvalidStateError(
        `The GPUs are in use as ${this.#logicalGpus} logical devices each; the number can be changed only before that.`,
      );
    }
    this.#logicalGpus = count;
    this.#gpu = this.#servingGpus();
  }

  async discover(): Promise<{ readonly devices: readonly DeviceInfo[]; readonly reason: string | null }> {
    const [processors, gpus] = await Promise.all([this.#cpu.survey(), surveyOrReason(this.#gpu)]);
    const devices = [...processors.devices, ...gpus.devices].map((description) => {
      const device = deviceNamed(description.device);
      const devices = this.of(device);
      return { ...description, device, memoryBudget: devices.budgetBytes(device), held: devices.heldBytes(device) };
    });
    return { devices, reason: gpus.reason };
  }

  /** Enqueues that `target` gets the values of `source`, which another worker holds. */
  send(source: NDArray, target: NDArray): void {
    const { size: count, dtype } = source;
    if (count === 0) return;
    const [from, to] = [this.of(source.device).channel, this.of(target.device).channel];
    const pieceBytes = Math.min(MOST_PIECE_BYTES, from.maxPieceBytes, to.maxPieceBytes);
    const pieceElements = Math.max(1, Math.floor(pieceBytes / bytesFor(dtype, 1)));
    const transfer = this.#transfers.relay(from, to, Math.ceil(count / pieceElements));
    const { handle } = source.buffer;
    to.post({ kind: 'receive', handle: target.buffer.handle, transfer, dtype, count });
    from.post({ kind: 'send', handle, transfer, start: 0, count, form: 'bytes', pieceElements });
  }

  /** Enqueues that the worker of `target` reads it from a file by itself. Settles once that is over. */
  async fetch(target: NDArray, stored: StoredElements, options: FetchOptions): Promise<void> {
    const { channel } = this.of(target.device);
    const { handle } = target.buffer;
    const { signal, onProgress = () => {} } = options;
    const transfer = this.#transfers.fetch(onProgress);
    const abandon = () => channel.signal({ type: 'abandon', transfer });
    const { dtype, region } = stored;
    channel.post({ kind: 'fetch', handle, transfer, dtype, source: { kind: 'file', region } });
    if (signal?.aborted) abandon();
    signal?.addEventListener('abort', abandon, { once: true });
    try {
      await channel.ask<'sync'>({ kind: 'sync', handles: [handle] });
    } finally {
      signal?.removeEventListener('abort', abandon);
      this.#transfers.endFetch(transfer);
    }
  }

  /** In one answer, or in pieces where that would be a large message. */
  read({ dtype, device }: NDArray, query: Extract<MemoryQuery, { kind: 'read' }>): Promise<ArrayBuffer> {
    const { channel } = this.of(device);
    const { handle, start, count, form } = query;
    const bytesPerElement = form === 'values' && isByteFloat(dtype) ? 4 : bytesFor(dtype, 1);
    const byteLength = count * bytesPerElement;
    if (byteLength <= channel.maxPieceBytes) return channel.ask<'read'>(query);
    const pieceElements = Math.floor(channel.maxPieceBytes / bytesPerElement);
    return this.#transfers.read(channel, { byteLength, bytesPerElement }, (transfer) => {
      channel.post({ kind: 'send', handle, transfer, start, count, form, pieceElements });
    });
  }

  heldBytes(device?: Device): number {
    return device ? this.of(device).heldBytes(device) : this.#cpu.heldBytes() + this.#gpu.heldBytes();
  }

  async close(): Promise<void> {
    await Promise.all([this.#cpu.channel.close(), this.#gpu.channel.close()]);
  }

  #servingGpus(): WorkerDevices {
    return this.#serving('gpu', this.#options.startGpu ?? (() => startGpuProcess()), this.#options.gpuMemoryBudget);
  }

  #serving(type: DeviceType, start: () => WorkerLink, memoryBudget: number | undefined): WorkerDevices {
    return new WorkerDevices({
      type,
      start,
      configuration: { logicalGpus: this.#logicalGpus },
      memoryBudget,
      transfers: this.#transfers,
      onLost: (devices) => this.#options.onLost?.(devices),
    });
  }
}

/** A worker that dies under the question is a reason like any other, and is asked anew the next time. */
async function surveyOrReason(gpus: WorkerDevices): Promise<DeviceSurvey> {
  try {
    return await gpus.survey();
  } catch (error) {
    return { devices: [], reason: error instanceof Error ? error.message : String(error) };
  }
}

function deviceNamed(name: string): Device {
  const id = Number(/\d+/.exec(name)?.[0] ?? 0);
  return name.startsWith('cpu') ? cpu(id) : gpu(id);
}
