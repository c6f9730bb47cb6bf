import { cpu, type Device } from '../device/device.ts';
import type { NDArray } from '../device/nd-array.ts';
import type { DeviceRuntime } from '../device/runtime.ts';
import { InvalidStateError } from '../errors.ts';
import { createInitializer, setSeed } from '../initializer/index.ts';
import type { DType } from '../ndarray/dtype.ts';
import { resultDType } from '../ndarray/lazy-tensor.ts';
import { encodeScalar } from '../ndarray/scalar.ts';
import { formatShape, type Shape } from '../ndarray/shape.ts';
import type { GradReq } from '../parameter/grad-req.ts';
import { Parameter } from '../parameter/parameter.ts';
import type { WorkOptions } from '../stats/engine.ts';
import type { CopyEdit, InitializeSpec, Multipliers, ParameterControls } from './contract.ts';
import { figuresOf } from './figures.ts';
import { probe } from './parameter-probe/probe.ts';
import type { LoadedBatch, ProbeSpec } from './parameter-probe/probe-kinds.ts';
import { devicesNamed } from './parameters-devices.ts';
import { hasLost, type Origin, reasonOf } from './parameters-reason.ts';
import { type SourceContext, TensorSource } from './parameters-source.ts';
import { type Description, deviceTotals, summarize } from './parameters-summary.ts';
import type { TensorChange } from './state/tensor-state.ts';
import type { CopyStatistics, DeviceTotal, ParameterSummary, ProbeResult } from './summary.ts';

interface Held {
  readonly parameter: Parameter;
  /** What the Parameter was made for; a tensor of another name or dtype needs another Parameter. */
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  origin: Origin;
  /** What is known of the copies: reading norms takes a pass over all of them. */
  description: Promise<Description> | null;
}

export interface ParameterContext extends SourceContext {
  readonly runtime: DeviceRuntime;
  readonly nameOf: (id: number) => string;
  readonly runTask: (spec: { readonly title: string; readonly total: number }) => TaskRunner;
  /** Called after every change of a Parameter. */
  readonly changed: (id: number) => void;
}

/** Runs long work as a task of the document. */
export type TaskRunner = <T>(work: (options: WorkOptions) => Promise<T>, options: WorkOptions) => Promise<T>;

/**
 * The live Parameters of a document, one per tensor, made when somebody first asks. Each is deferred with
 * the tensor's current value as its source, so a later edit or save needs no new Parameter.
 */
export class LiveParameters implements ParameterControls {
  readonly #context: ParameterContext;
  readonly #held = new Map<number, Held>();

  constructor(context: ParameterContext) {
    this.#context = context;
  }

  /** What all of them take on devices. */
  totals(): readonly DeviceTotal[] {
    return deviceTotals([...this.#held.values()].map(({ parameter }) => parameter));
  }

  async summary(id: number): Promise<ParameterSummary> {
    const held = this.#hold(id);
    const dtype = resultDType(this.#context.lazy(id));
    return { ...(await describe(held)), reason: reasonOf(held, { file: this.#context.fileName(), dtype }) };
  }

  async load(
    id: number,
    { devices, ...options }: WorkOptions & { readonly devices?: readonly string[] } = {},
  ): Promise<ParameterSummary> {
    const asked = devices && (await this.#devices(devices));
    const held = this.#hold(id);
    const { parameter } = held;
    if (parameter.status === 'initialized') {
      throw new InvalidStateError(`Parameter '${parameter.name}' is initialized: release it before it is loaded anew.`);
    }
    const former = parameter.listDevice();
    if (asked) parameter.resetDevice(asked);
    try {
      await this.#finish(held, options);
    } catch (error) {
      if (asked && parameter.status === 'deferred') parameter.resetDevice(former);
      throw error;
    } finally {
      this.#changed(id);
    }
    return await this.summary(id);
  }

  release(id: number): Promise<ParameterSummary> {
    return this.#change(id, (held) => {
      held.parameter.release();
      held.origin = { kind: 'none' };
    });
  }

  async initialize(id: number, spec: InitializeSpec): Promise<ParameterSummary> {
    const asked = spec.devices && (await this.#devices(spec.devices));
    return await this.#change(id, (held) => {
      const { parameter } = held;
      const { initializer, forceReinit = false, seed } = spec;
      const device = asked ?? parameter.listDevice();
      const replaces = parameter.status !== 'initialized' || forceReinit;
      const init = createInitializer({ ...spec.arguments, initializer });
      if (seed !== undefined) setSeed(seed);
      parameter.initialize({ init, device, forceReinit });
      if (replaces) held.origin = { kind: 'drawn', initializer, isChanged: false };
    });
  }

  setGradReq(id: number, gradReq: GradReq): Promise<ParameterSummary> {
    return this.#change(id, ({ parameter }) => {
      parameter.gradReq = gradReq;
    });
  }

  setMultipliers(id: number, { lrMult, wdMult }: Multipliers): Promise<ParameterSummary> {
    return this.#change(id, ({ parameter }) => {
      parameter.lrMult = lrMult ?? parameter.lrMult;
      parameter.wdMult = wdMult ?? parameter.wdMult;
    });
  }

  async resetDevices(id: number, devices: readonly string[]): Promise<ParameterSummary> {
    const asked = await this.#devices(devices);
    return await this.#change(id, ({ parameter }) => parameter.resetDevice(asked));
  }

  setCopy(id: number, { device, slice, value }: CopyEdit): Promise<ParameterSummary> {
    return this.#change(id, (held) => {
      const { parameter, origin } = held;
      const target = copyOn(parameter, device);
      const { runtime, dtype } = target;
      const bytes = encodeScalar(value, dtype);
      const source = runtime.fromBytes({ shape: [], dtype, device: target.device, bytes });
      try {
        target.set(source, slice);
      } finally {
        source.dispose();
      }
      if ('isChanged' in origin) held.origin = { ...origin, isChanged: true };
    });
  }

  async copyStatistics(id: number, device: string): Promise<CopyStatistics> {
    return figuresOf(await copyOn(this.#hold(id).parameter, device).statistics());
  }

  cast(id: number, dtype: DType): Promise<ParameterSummary> {
    return this.#change(id, ({ parameter }) => parameter.cast(dtype));
  }

  zeroGrad(id: number): Promise<ParameterSummary> {
    return this.#change(id, ({ parameter }) => parameter.zeroGrad());
  }

  /** From a copy that survived, as it is now; where none did, from the document. */
  async restore(id: number, options: WorkOptions = {}): Promise<ParameterSummary> {
    const held = this.#hold(id);
    const { parameter } = held;
    if (!hasLost(parameter)) {
      throw new InvalidStateError(`Parameter '${parameter.name}' has lost no copy: there is nothing to restore.`);
    }
    try {
      if (!parameter.restoreLost()) {
        parameter.release();
        held.origin = { kind: 'none' };
        await this.#finish(held, options);
      }
    } finally {
      this.#changed(id);
    }
    return await this.summary(id);
  }

  async probe(id: number, spec: ProbeSpec, options: WorkOptions = {}): Promise<ProbeResult> {
    const { parameter } = this.#hold(id);
    const run = this.#context.runTask({
      title: `Probe ${parameter.name}`,
      total: spec.times * parameter.listDevice().length,
    });
    try {
      const batch = typeof spec.batch === 'string' ? spec.batch : this.#sourceOf(spec.batch);
      const result = await run((work) => probe(parameter, { ...spec, batch }, work), options);
      return { ...result, parameter: await this.summary(id) };
    } finally {
      this.#changed(id);
    }
  }

  /** The tensors whose Parameters have lost copies. */
  lost(): number[] {
    const lost = [...this.#held].filter(([, { parameter }]) => hasLost(parameter));
    for (const [, held] of lost) held.description = null;
    return lost.map(([id]) => id);
  }

  /** Drops copies that no longer are the tensor's value; returns the tensors that had some. */
  valuesChanged(changes: readonly TensorChange[]): number[] {
    const dropped: number[] = [];
    for (const { before, after } of changes) {
      const id = before?.id ?? after?.id;
      const held = id === undefined ? undefined : this.#held.get(id);
      if (id === undefined || !held || (before && after && before.steps === after.steps)) continue;
      if (held.parameter.status === 'initialized') {
        held.origin = { kind: 'outdated' };
        dropped.push(id);
      }
      held.parameter.release();
      held.description = null;
    }
    return dropped;
  }

  releaseAll(): void {
    for (const { parameter } of this.#held.values()) parameter.release();
    this.#held.clear();
  }

  /** The devices by name, which are known to be there. @throws InvalidArgumentError, DeviceMismatchError */
  async #devices(names: readonly string[]): Promise<readonly Device[]> {
    const devices = devicesNamed(names);
    await this.#context.runtime.expect(devices);
    return devices;
  }

  /** Runs what is done when it returns. */
  async #change(id: number, change: (held: Held) => void): Promise<ParameterSummary> {
    change(this.#hold(id));
    this.#changed(id);
    return await this.summary(id);
  }

  #sourceOf({ value, file }: LoadedBatch): TensorSource {
    return new TensorSource(0, { engine: this.#context.engine, lazy: () => value, fileName: () => file });
  }

  #changed(id: number): void {
    const held = this.#held.get(id);
    if (held) held.description = null;
    this.#context.changed(id);
  }

  async #finish(held: Held, options: WorkOptions): Promise<void> {
    const { parameter } = held;
    const run = this.#context.runTask({ title: `Load ${parameter.name}`, total: parameter.source?.nbytes ?? 0 });
    await run((work) => parameter.finishDeferredInit(work), options);
    held.origin = { kind: 'file', isChanged: false };
  }

  #hold(id: number): Held {
    const name = this.#context.nameOf(id);
    const tensor = this.#context.lazy(id);
    const { shape } = tensor;
    const dtype = resultDType(tensor);
    const held = this.#held.get(id);
    const isSame = held?.dtype === dtype && formatShape(held.shape) === formatShape(shape);
    if (held && isSame && (held.name === name || held.parameter.status === 'initialized')) return held;
    const { gradReq = 'null', lrMult = 1, wdMult = 1 } = held?.parameter ?? {};
    const parameter = Parameter.fromSource(name, new TensorSource(id, this.#context), {
      gradReq,
      lrMult,
      wdMult,
      runtime: this.#context.runtime,
      device: held?.parameter.listDevice() ?? cpu(),
    });
    held?.parameter.release();
    const made: Held = { parameter, name, dtype, shape, origin: held?.origin ?? { kind: 'none' }, description: null };
    this.#held.set(id, made);
    return made;
  }
}

/** What was read last, or what is read now where the Parameter changed since. */
async function describe(held: Held): Promise<Description> {
  const description = held.description ?? summarize(held.parameter);
  held.description = description;
  try {
    return await description;
  } catch (error) {
    if (held.description === description) held.description = null;
    throw error;
  }
}

/** The live copy on the device of that name; where there is none, Parameter says why. */
function copyOn(parameter: Parameter, device: string): NDArray {
  const [wanted] = devicesNamed([device]);
  const copy = parameter.lendCopies().find((candidate) => wanted && candidate.device.equals(wanted));
  return copy ?? parameter.data(wanted);
}
