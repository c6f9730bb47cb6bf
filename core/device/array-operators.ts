import type { Attributes, AttributeValue } from './protocol.ts';

export type ScalarOperand = number | bigint;

export interface ReduceOptions {
  /** Axes to reduce over, negative ones from the end; all of them by default. */
  readonly axis?: number | readonly number[] | null;
  /** Keeps reduced axes with size 1. */
  readonly keepDims?: boolean;
}

/**
 * The operators as methods, the same for arrays (which compute) and Symbols (which describe). Binary
 * ones broadcast as NumPy and want one dtype on both sides; a number takes the dtype of the array.
 * Errors name the operator and what it was given: ShapeMismatchError, DTypeMismatchError.
 */
export abstract class ArrayOperators<Self> {
  /** The operator `name` with this array before `others`. */
  protected abstract apply(name: string, others: readonly Self[], attributes?: Attributes): Self;

  protected abstract isOperand(value: Self | ScalarOperand): value is Self;

  add(other: Self | ScalarOperand): Self {
    return this.#binary('add', other);
  }

  sub(other: Self | ScalarOperand): Self {
    return this.#binary('sub', other);
  }

  /** `other - this` */
  rsub(other: ScalarOperand): Self {
    return this.apply('sub', [], { scalar: other, scalarFirst: true });
  }

  mul(other: Self | ScalarOperand): Self {
    return this.#binary('mul', other);
  }

  /** Integers divide to float32, as MXNet's true_divide. */
  div(other: Self | ScalarOperand): Self {
    return this.#binary('div', other);
  }

  /** `other / this` */
  rdiv(other: ScalarOperand): Self {
    return this.apply('div', [], { scalar: other, scalarFirst: true });
  }

  power(other: Self | ScalarOperand): Self {
    return this.#binary('power', other);
  }

  maximum(other: Self | ScalarOperand): Self {
    return this.#binary('maximum', other);
  }

  minimum(other: Self | ScalarOperand): Self {
    return this.#binary('minimum', other);
  }

  /** Comparisons give bool. */
  equal(other: Self | ScalarOperand): Self {
    return this.#binary('equal', other);
  }

  notEqual(other: Self | ScalarOperand): Self {
    return this.#binary('not_equal', other);
  }

  less(other: Self | ScalarOperand): Self {
    return this.#binary('less', other);
  }

  lessEqual(other: Self | ScalarOperand): Self {
    return this.#binary('less_equal', other);
  }

  greater(other: Self | ScalarOperand): Self {
    return this.#binary('greater', other);
  }

  greaterEqual(other: Self | ScalarOperand): Self {
    return this.#binary('greater_equal', other);
  }

  neg(): Self {
    return this.apply('neg', []);
  }

  square(): Self {
    return this.apply('square', []);
  }

  /** Integers give float32 here and in `exp`, `log`, `sigmoid`, `tanh`. */
  sqrt(): Self {
    return this.apply('sqrt', []);
  }

  exp(): Self {
    return this.apply('exp', []);
  }

  log(): Self {
    return this.apply('log', []);
  }

  abs(): Self {
    return this.apply('abs', []);
  }

  sign(): Self {
    return this.apply('sign', []);
  }

  relu(): Self {
    return this.apply('relu', []);
  }

  sigmoid(): Self {
    return this.apply('sigmoid', []);
  }

  tanh(): Self {
    return this.apply('tanh', []);
  }

  /** Values below `low` become `low`, above `high` `high`. */
  clip(low: number, high: number): Self {
    return this.apply('clip', [], { low, high });
  }

  sum(options?: ReduceOptions): Self {
    return this.apply('sum', [], reduceAttributes(options));
  }

  /** Integers give float32. */
  mean(options?: ReduceOptions): Self {
    return this.apply('mean', [], reduceAttributes(options));
  }

  max(options?: ReduceOptions): Self {
    return this.apply('max', [], reduceAttributes(options));
  }

  min(options?: ReduceOptions): Self {
    return this.apply('min', [], reduceAttributes(options));
  }

  /** The positions of the first largest elements along `axis`, as int32. */
  argmax(axis = -1): Self {
    return this.apply('argmax', [], { axis });
  }

  softmax(axis = -1): Self {
    return this.apply('softmax', [], { axis });
  }

  logSoftmax(axis = -1): Self {
    return this.apply('log_softmax', [], { axis });
  }

  /** The matrix product; leading axes broadcast (NumPy's matmul). */
  matmul(other: Self): Self {
    return this.apply('matmul', [other]);
  }

  /** Sums over the last axis of this and the second last, or only, one of `other` (NumPy's dot). */
  dot(other: Self): Self {
    return this.apply('dot', [other]);
  }

  /** One size may be -1: what is left. */
  reshape(shape: readonly number[]): Self {
    return this.apply('reshape', [], { shape });
  }

  /** By default the axes in reverse. */
  transpose(axes: readonly number[] | null = null): Self {
    return this.apply('transpose', [], { axes });
  }

  broadcastTo(shape: readonly number[]): Self {
    return this.apply('broadcast_to', [], { shape });
  }

  expandDims(axis: number): Self {
    return this.apply('expand_dims', [], { axis });
  }

  /** Drops the axes of size 1 in `axis`, all of them by default. */
  squeeze(axis: number | readonly number[] | null = null): Self {
    return this.apply('squeeze', [], { axis: axisAttribute(axis) });
  }

  /** All axes but the first become one. */
  flatten(): Self {
    return this.apply('flatten', []);
  }

  /** What NumPy's `array[text]` takes: `0:4,-1`, `...,::2`. */
  slice(text: string): Self {
    return this.apply('slice', [], { slice: text });
  }

  /** The entries `indices` along `axis`; positions beyond the ends are clipped, as in MXNet. */
  take(indices: Self, axis = 0): Self {
    return this.apply('take', [indices], { axis });
  }

  /** One element along the last axis for each of `indices`. */
  pick(indices: Self): Self {
    return this.apply('pick', [indices]);
  }

  /** A new last axis of `depth`, 1 where it meets the index and 0 elsewhere, as float32. */
  oneHot(depth: number): Self {
    return this.apply('one_hot', [], { depth });
  }

  /** `whenTrue` where this is not zero, else `whenFalse`. */
  where(whenTrue: Self, whenFalse: Self): Self {
    return this.apply('where', [whenTrue, whenFalse]);
  }

  /** This and `others` one after the other along `axis`. */
  concat(others: readonly Self[], axis = 0): Self {
    return this.apply('concat', others, { axis });
  }

  #binary(name: string, other: Self | ScalarOperand): Self {
    return this.isOperand(other) ? this.apply(name, [other]) : this.apply(name, [], { scalar: other });
  }
}

function reduceAttributes({ axis = null, keepDims = false }: ReduceOptions = {}): Attributes {
  return { axis: axisAttribute(axis), keepDims };
}

function axisAttribute(axis: number | readonly number[] | null): AttributeValue {
  return typeof axis === 'number' ? [axis] : axis;
}
