import { randomUUID } from 'node:crypto';
import { cpu } from '../device/device.ts';
import { array } from '../device/nd.ts';
import { NDArray, type TypedArray } from '../device/nd-array.ts';
import type { DeviceRuntime } from '../device/runtime.ts';
import { sharedRuntime } from '../device/shared-runtime.ts';
import { assignArray } from '../device/sparse.ts';
import { type InitDesc, Initializer } from '../initializer/index.ts';
import { arrayOfNested, type NestedNumbers } from '../initializer/nested-numbers.ts';
import { warnings } from '../warnings.ts';
import { Parameter } from './parameter.ts';
import type { GradReq } from './parameter-options.ts';

const NAME = 'const';

/** Sets an array to the value of one Constant, which alone holds it (decision on P-252). */
class ConstantValue extends Initializer {
  readonly #value: NDArray;
  readonly #name = `constant_${randomUUID()}`;

  constructor(value: NDArray) {
    super();
    this.#value = value;
  }

  override initWeight(_desc: InitDesc | string, array: NDArray): void {
    assignArray(array, this.#value);
  }

  override dumps(): string {
    return JSON.stringify([this.#name, {}]);
  }

  override equals(other: Initializer): boolean {
    return other === this;
  }
}

/**
 * Gluon's Constant: a Parameter that is not trained. Its copies may be set; initializing anew restores
 * `value`. Rows P-250 … P-260 of parity.md.
 */
export class Constant extends Parameter {
  /** The array that was given, or the one made of the numbers that were. */
  readonly value: NDArray;

  /**
   * Numbers become float32, an array keeps its dtype and is used as it is (P-250).
   * @throws InvalidArgumentError for lists of several lengths on one level.
   */
  constructor(
    value: NDArray | NestedNumbers | TypedArray,
    { runtime = sharedRuntime() }: { readonly runtime?: DeviceRuntime } = {},
  ) {
    const array = value instanceof NDArray ? value : float32Array(value, runtime);
    super(NAME, {
      gradReq: 'null',
      shape: array.shape,
      shapeIsKnown: true,
      dtype: array.dtype,
      init: new ConstantValue(array),
      runtime: array.runtime,
    });
    this.value = array;
  }

  override get gradReq(): GradReq {
    return 'null';
  }

  /** P-253 */
  override set gradReq(value: GradReq) {
    if (value === 'null') return;
    warnings.emit(
      'UserWarning',
      `Constant parameter "${this.name}" does not support grad_req other than "null", and new value "${value}" is ignored.`,
    );
  }

  override toString(): string {
    return super.toString().replace(/^Parameter/, 'Constant');
  }
}

function float32Array(value: NestedNumbers | TypedArray, runtime: DeviceRuntime): NDArray {
  const exact = ArrayBuffer.isView(value)
    ? array(value, { runtime, device: cpu() })
    : arrayOfNested(value, { runtime, device: cpu() });
  try {
    return exact.asType('float32');
  } finally {
    exact.dispose();
  }
}
