import { place } from '../device/runtimes.ts';
import '../../../core/symbol/invoke.ts';
import type { Device } from '../../../core/device/device.ts';
import type { NDArray } from '../../../core/device/nd-array.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import type { ParameterOptions } from '../../../core/parameter/parameter-options.ts';
import { autograd } from '../../../core/symbol/autograd.ts';
import { KVStoreBase } from '../../../core/trainer/kvstore-base.ts';
import { runtime, valuesOf } from './arrays.ts';

export const TWO = [place(0), place(1)] as const;

interface MakeOptions extends Omit<ParameterOptions, 'runtime'> {
  readonly device?: Device | readonly Device[];
  readonly init?: string;
}

/** An initialized vector of ten zeros on two devices, unless told otherwise. */
export function parameter(name = 'x', { device = TWO, init = 'zeros', ...options }: MakeOptions = {}): Parameter {
  const made = new Parameter(name, { shape: [10], ...options, runtime });
  made.initialize({ init, device });
  return made;
}

/** Runs forward and backward on every device; by default the gradient is one. */
export function backward(
  x: Parameter,
  forward: (copy: NDArray, index: number) => NDArray = (copy) => copy.add(1),
): void {
  x.listData().forEach((copy, index) => {
    autograd.backward(autograd.record(() => forward(copy, index)));
  });
}

/** The first element of every copy. */
export async function firsts(x: Parameter): Promise<number[]> {
  return firstsOf(x.ownCopies());
}

export async function firstsOf(arrays: readonly NDArray[]): Promise<number[]> {
  const values = await Promise.all(arrays.map((array) => valuesOf(array)));
  return values.map(([first]) => first ?? Number.NaN);
}

/** MXNet's TestStore (K-008): reduces on the first value's device, and has no optimizer. */
export class PlainStore extends KVStoreBase {
  readonly type: string;
  readonly capable: boolean;
  readonly calls: string[] = [];

  constructor(type = 'teststore', { capable = false } = {}) {
    super();
    this.type = type;
    this.capable = capable;
  }

  override isCapable(): boolean {
    return this.capable;
  }

  override setOptimizer(): void {
    this.calls.push('setOptimizer');
  }

  override broadcast(_key: number, value: NDArray, out: readonly NDArray[]): void {
    this.calls.push('broadcast');
    for (const array of out) runtime.assign(array, value);
  }

  override pushpull(_key: number, values: readonly NDArray[], out: readonly NDArray[] = values): void {
    this.calls.push('pushpull');
    const [first] = values;
    if (!first) return;
    const local = values.map((value) => value.copyTo(first.device));
    const [sum] = runtime.invoke('add_n', local, { outputs: [{ shape: first.shape, dtype: first.dtype }] });
    for (const array of sum ? out : []) if (sum) runtime.assign(array, sum);
  }
}
