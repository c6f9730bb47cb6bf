import { DeviceLostError, DeviceMismatchError, type ParascopeError } from '../errors.ts';
import type { Device, DeviceType } from './device.ts';
import { MemoryBudget } from './memory-budget.ts';
import type { Configuration, DeviceDescription, DeviceName, DeviceSurvey } from './protocol.ts';
import { Residence } from './residence.ts';
import type { Transfers } from './transfers.ts';
import { WorkerChannel } from './worker-channel.ts';
import type { WorkerLink } from './worker-link.ts';

/** How long a worker that could not be asked is left alone. */
const RETRY_MS = 10_000;

export interface WorkerDevicesOptions {
  readonly type: DeviceType;
  readonly start: () => WorkerLink;
  readonly configuration: Configuration;
  /** Bytes: of all cpu devices together, of each gpu. */
  readonly memoryBudget: number | undefined;
  readonly transfers: Transfers;
  /** Called when devices lost everything on them. */
  readonly onLost: (devices: readonly Device[]) => void;
}

/**
 * The devices of one type, their memory, and the worker that serves them. Any id is taken until the
 * worker has told which devices there are; what does not exist then fails on the worker.
 */
export class WorkerDevices {
  readonly channel: WorkerChannel;
  readonly #type: DeviceType;
  readonly #memoryBudget: number | undefined;
  readonly #onLost: (devices: readonly Device[]) => void;
  /** All cpu devices are one memory; each gpu is counted for itself. */
  readonly #budgets = new Map<string, MemoryBudget>();
  readonly #residences = new Map<string, Residence>();
  #survey: Promise<DeviceSurvey> | null = null;
  /** When the last survey failed; null where it did not. */
  #failedAt: number | null = null;
  #known: DeviceSurvey | null = null;

  constructor({ type, start, configuration, memoryBudget, transfers, onLost }: WorkerDevicesOptions) {
    this.#type = type;
    this.#memoryBudget = memoryBudget;
    this.#onLost = onLost;
    this.channel = new WorkerChannel(start, configuration, {
      onEnd: (reason) => {
        const loss = this.#lossBy(reason);
        transfers.onEnd(this.channel, loss);
        this.#end([...this.#residences.values()], () => loss);
        return loss;
      },
      onLost: (names, reason) => this.#loseDevices(names, reason),
      onPiece: (transfer, piece) => transfers.onPiece(transfer, piece),
      onCredit: (transfer) => transfers.onCredit(transfer),
      onFetched: (transfer, bytes) => transfers.onFetched(transfer, bytes),
    });
  }

  /**
   * What the worker tells of its devices, which is asked once. Ends a worker that has none.
   * A worker that dies under the question is not asked again for a while: whoever looks every second
   * must not start a process every second.
   */
  survey(): Promise<DeviceSurvey> {
    const isStale = this.#failedAt !== null && performance.now() - this.#failedAt > RETRY_MS;
    if (!this.#survey || isStale) {
      this.#failedAt = null;
      this.#survey = this.#ask();
      this.#survey.catch(() => {
        this.#failedAt = performance.now();
      });
    }
    return this.#survey;
  }

  /** Makes room for an array. @throws OutOfMemoryError, DeviceMismatchError where there is no such device. */
  claim(device: Device, bytes: number, what: string): Residence {
    if (this.#type === 'gpu') this.#expect(device);
    this.#budgetOf(device).claim(bytes, what);
    const residence = this.#residences.get(device.toString()) ?? new Residence(device);
    this.#residences.set(device.toString(), residence);
    residence.held += bytes;
    return residence;
  }

  /** The array is gone. */
  release(residence: Residence, bytes: number): void {
    // What a lost device held was struck off the account when it was lost.
    if (residence.loss) return;
    residence.held -= bytes;
    this.#budgetOf(residence.device).release(bytes);
  }

  heldBytes(device?: Device): number {
    if (device) return this.#residences.get(device.toString())?.held ?? 0;
    return [...this.#residences.values()].reduce((sum, { held }) => sum + held, 0);
  }

  /** Resolves once it is known that there is such a device. @throws DeviceMismatchError */
  async expect(device: Device): Promise<void> {
    if (this.#type === 'gpu' && !this.#known) await this.survey();
    if (this.#type === 'gpu') this.#expect(device);
  }

  /** Bytes that arrays may take on `device`. */
  budgetBytes(device: Device): number {
    return this.#budgetOf(device).limit;
  }

  async #ask(): Promise<DeviceSurvey> {
    const survey = await this.channel.ask<'devices'>({ kind: 'devices' });
    this.#known = survey;
    for (const description of survey.devices)
      this.#budgets.get(description.device)?.limitTo(this.#limitsOf(description));
    if (survey.devices.length === 0) await this.channel.close();
    return survey;
  }

  /** What is known says whether there is such a device; where nothing is, the worker is asked for the next time. */
  #expect(device: Device): void {
    const known = this.#known;
    if (!known) {
      // Its failure is that of the array, and told there.
      this.survey().catch(() => {});
      return;
    }
    if (known.devices.some((description) => description.device === device.deviceName)) return;
    const others = known.devices.map((description) => description.device).join(', ');
    const why = others ? `there are ${others}.` : (known.reason ?? 'no GPU was found.');
    throw new DeviceMismatchError(`There is no ${device} here: ${why}`, { device: device.toString() });
  }

  #budgetOf(device: Device): MemoryBudget {
    const key = this.#type === 'cpu' ? 'cpu' : device.toString();
    const budget = this.#budgets.get(key) ?? this.#newBudget(device);
    this.#budgets.set(key, budget);
    return budget;
  }

  #newBudget(device: Device): MemoryBudget {
    if (this.#type === 'cpu') return new MemoryBudget({ limit: this.#memoryBudget });
    const known = this.#known?.devices.find((description) => description.device === device.deviceName);
    return new MemoryBudget({
      place: device.toString(),
      // What is not known yet is the worker's to refuse.
      ...(known ? this.#limitsOf(known) : { limit: this.#memoryBudget ?? Number.POSITIVE_INFINITY }),
    });
  }

  #limitsOf({ limits, memoryBudget }: DeviceDescription): { limit: number; maxArrayBytes: number } {
    return { limit: this.#memoryBudget ?? memoryBudget, maxArrayBytes: limits.maxArrayBytes };
  }

  /** What the arrays of a worker that ended are told: where it ended because there are no devices, just that. */
  #lossBy(reason: string): ParascopeError {
    if (this.#known?.devices.length === 0)
      return new DeviceMismatchError(`There is no GPU here: ${this.#known.reason}`);
    return new DeviceLostError(`The device worker that held this array is gone (${reason}). Load the value again.`);
  }

  #loseDevices(names: readonly DeviceName[], reason: string): void {
    const lost = names.flatMap((name) => this.#residences.get(name) ?? []);
    this.#end(
      lost,
      ({ device }) =>
        new DeviceLostError(`${device} lost everything that was on it (${reason}). Load the value again.`),
    );
  }

  #end(residences: readonly Residence[], lossOf: (residence: Residence) => ParascopeError): void {
    for (const residence of residences) {
      this.#budgetOf(residence.device).release(residence.held);
      residence.end(lossOf(residence));
      this.#residences.delete(residence.device.toString());
    }
    if (residences.length > 0) this.#onLost(residences.map(({ device }) => device));
  }
}
