import { z } from 'zod';
import { NDArray } from '../device/nd-array.ts';
import { InvalidArgumentError, InvalidStateError } from '../errors.ts';
import { formatShape } from '../ndarray/shape.ts';
import type { ElementRule } from './element-rule.ts';
import { fillFrom } from './fill.ts';
import type { InitDesc } from './init-desc.ts';
import { Initializer } from './initializer.ts';
import { parseKwargs, type RawKwargs } from './kwargs.ts';
import { isNestedNumbers, type NestedNumbers } from './nested-numbers.ts';
import { alias, register } from './registry.ts';

/** All zeros. */
export class Zero extends Initializer {
  static fromKwargs(kwargs: RawKwargs): Zero {
    parseKwargs('zero', z.strictObject({}), kwargs);
    return new Zero();
  }

  override elementRule(): ElementRule {
    return { kind: 'value', value: 0 };
  }
}

/** All ones. */
export class One extends Initializer {
  static fromKwargs(kwargs: RawKwargs): One {
    parseKwargs('one', z.strictObject({}), kwargs);
    return new One();
  }

  override elementRule(): ElementRule {
    return { kind: 'value', value: 1 };
  }
}

/** A number everywhere, or an array that is broadcast to the shape of what it sets and cast to its dtype. */
export class Constant extends Initializer {
  readonly value: NestedNumbers | NDArray;

  /** @throws InvalidArgumentError for anything but a number, nested lists of numbers or an NDArray. */
  constructor(value: NestedNumbers | NDArray) {
    if (!(value instanceof NDArray) && !isNestedNumbers(value)) {
      throw new InvalidArgumentError(
        `The value of Constant must be a number, nested lists of numbers or an NDArray, got ${value}.`,
      );
    }
    super(value instanceof NDArray ? {} : { value });
    this.value = value;
  }

  static fromKwargs({ value, ...others }: RawKwargs): Constant {
    parseKwargs('constant', z.strictObject({}), others);
    return new Constant(value as NestedNumbers);
  }

  override elementRule(): ElementRule | null {
    const { value } = this;
    if (typeof value === 'number' || typeof value === 'bigint') return { kind: 'value', value };
    return typeof value === 'boolean' ? { kind: 'value', value: Number(value) } : null;
  }

  protected override initWhole(desc: InitDesc | string, array: NDArray): void {
    fillFrom(desc, array, this.value);
  }

  /** @throws InvalidStateError for the value of an NDArray, which `withListValue` reads. */
  override dumps(): string {
    if (!(this.value instanceof NDArray)) return super.dumps();
    throw new InvalidStateError(
      'The value of this Constant is on a device and cannot be written at once: dump (await constant.withListValue()).',
    );
  }

  override toString(): string {
    return this.value instanceof NDArray ? `Constant of ${formatShape(this.value.shape)} values` : this.dumps();
  }

  /** Arrays on devices are equal only to themselves. */
  override equals(other: Initializer): boolean {
    if (!(other instanceof Constant)) return false;
    const onDevice = this.value instanceof NDArray || other.value instanceof NDArray;
    return onDevice ? this.value === other.value : super.equals(other);
  }

  /** This Constant with nested lists in place of an NDArray: what MXNet's `dumps` makes of it. */
  async withListValue(): Promise<Constant> {
    const { value } = this;
    if (!(value instanceof NDArray)) return this;
    const { dtype, shape } = value;
    if (dtype.startsWith('complex')) throw new InvalidStateError(`${dtype} values have no form in JSON.`);
    return new Constant(nest(Array.from<number | bigint>(await value.data()), shape));
  }
}

function nest(flat: readonly NestedNumbers[], shape: readonly number[]): NestedNumbers {
  let values = flat;
  for (const size of shape.slice(1).reverse()) {
    const lists: NestedNumbers[] = [];
    for (let start = 0; start < values.length; start += size) lists.push(values.slice(start, start + size));
    values = lists;
  }
  return shape.length === 0 ? (values[0] ?? 0) : values;
}

register(Zero);
alias('zeros')(Zero);
register(One);
alias('ones')(One);
register(Constant);
