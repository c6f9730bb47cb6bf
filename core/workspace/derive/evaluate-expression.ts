import type { BinaryFunction, Expression, UnaryFunction } from '../../ndarray/expression.ts';
import type { ArithmeticPiece } from './arithmetic.worker.ts';

type Value = Float64Array<ArrayBuffer> | number;

const UNARY: Readonly<Record<UnaryFunction, (x: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sqrt: Math.sqrt,
  exp: Math.exp,
  log: Math.log,
};

const BINARY: Readonly<Record<BinaryFunction, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: power,
  min: Math.min,
  max: Math.max,
};

/** `count` elements of float64, which are nobody else's. */
export function evaluateExpression(expression: Expression, piece: ArithmeticPiece): Float64Array<ArrayBuffer> {
  const value = evaluated(expression, piece);
  return typeof value === 'number' ? new Float64Array(piece.count).fill(value) : Float64Array.from(value);
}

function evaluated(expression: Expression, piece: ArithmeticPiece): Value {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'source':
      return piece.operands[expression.source] ?? Number.NaN;
    case 'unary': {
      const of = evaluated(expression.of, piece);
      const apply = UNARY[expression.name];
      return typeof of === 'number' ? apply(of) : of.map(apply);
    }
    case 'binary': {
      const left = evaluated(expression.left, piece);
      const right = evaluated(expression.right, piece);
      return combined(BINARY[expression.name], left, right);
    }
  }
}

function combined(apply: (a: number, b: number) => number, left: Value, right: Value): Value {
  if (typeof left === 'number') {
    return typeof right === 'number' ? apply(left, right) : right.map((b) => apply(left, b));
  }
  if (typeof right === 'number') return left.map((a) => apply(a, right));
  return left.map((a, i) => apply(a, right[i] ?? Number.NaN));
}

/** IEEE 754's pow, from which JavaScript's differs: 1 to any power is 1, and so is -1 to an infinite one. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY)) return 1;
  return base ** exponent;
}
