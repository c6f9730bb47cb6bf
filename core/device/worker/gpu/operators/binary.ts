import { booleanOf, scalarOf } from '../../../attributes.ts';
import { elementTypeOf } from '../gpu-device.ts';
import { type GpuCall, registerGpuKernel } from '../kernels.ts';
import { launch } from '../launch.ts';
import type { ElementType } from '../program.ts';
import { FUNCTIONS } from '../shaders/functions.ts';
import { broadcastWalks, walkCode } from '../walk.ts';
import { scalarOfDType, scalarParameter } from './scalar.ts';
import { valueCode } from './unary.ts';

/** A function of `a` and `b` in a program's code. */
interface BinaryCode {
  readonly float: string;
  /** Where integers give integers; without it they give floats. */
  readonly integer?: string;
}

const CODES: Readonly<Record<string, BinaryCode>> = {
  add: { float: 'a + b', integer: 'a + b' },
  sub: { float: 'a - b', integer: 'a - b' },
  mul: { float: 'a * b', integer: 'a * b' },
  div: { float: 'a / b' },
  power: { float: 'power(a, b)', integer: 'integerPower(a, b)' },
  maximum: { float: 'select(max(a, b), quietNaN(), isNotNumber(a) || isNotNumber(b))', integer: 'max(a, b)' },
  minimum: { float: 'select(min(a, b), quietNaN(), isNotNumber(a) || isNotNumber(b))', integer: 'min(a, b)' },
};

/** Exact modulo 2^32; of negative exponents only those of 1 and -1 are left. */
const INTEGER_POWER = `
fn integerPower(base: i32, exponent: i32) -> i32 {
  if (exponent < 0) {
    if (base == 1) { return 1; }
    if (base == -1) { return select(1, -1, (exponent & 1) == 1); }
    return 0;
  }
  var result: i32 = 1;
  var factor: i32 = base;
  var rest: i32 = exponent;
  for (var i: i32 = 0; i < 31; i = i + 1) {
    if ((rest & 1) == 1) { result = result * factor; }
    rest = rest >> 1u;
    factor = factor * factor;
  }
  return result;
}`;

const COMPARISONS: Readonly<Record<string, string>> = {
  equal: 'a == b',
  not_equal: 'a != b',
  less: 'a < b',
  less_equal: 'a <= b',
  greater: 'a > b',
  greater_equal: 'a >= b',
};

for (const [name, { float, integer }] of Object.entries(CODES)) {
  registerGpuKernel(name, {
    run: (call) => {
      const isInteger = integer !== undefined && outputType(call) === 'i32';
      const type = isInteger ? 'i32' : 'f32';
      runBinary(call, type, [
        isInteger ? INTEGER_POWER : FUNCTIONS,
        `fn compute(a: ${type}, b: ${type}) -> ${type} { return store(${isInteger ? integer : float}); }`,
      ]);
    },
  });
}

/** Any comparison with NaN but `not_equal` is false. */
for (const [name, comparison] of Object.entries(COMPARISONS)) {
  registerGpuKernel(name, {
    run: (call) => {
      const type = elementTypeOf(call.inputs[0]?.dtype ?? 'float32');
      const noNumber = name === 'not_equal' ? '1' : '0';
      const guard = type === 'f32' ? `if (isNotNumber(a) || isNotNumber(b)) { return ${noNumber}; }` : '';
      runBinary(call, type, [
        FUNCTIONS,
        `fn compute(a: ${type}, b: ${type}) -> i32 { ${guard} return select(0, 1, ${comparison}); }`,
      ]);
    },
  });
}

function outputType({ outputs: [output] }: GpuCall): ElementType {
  return elementTypeOf(output?.dtype ?? 'float32');
}

/** Two arrays, or one and the attribute `scalar`. */
function runBinary(call: GpuCall, type: ElementType, code: readonly string[]): void {
  const { name, inputs, outputs } = call;
  const [first, second] = inputs;
  const [output] = outputs;
  if (!first || !output) return;
  if (!second) {
    runWithScalar(call, type, code);
    return;
  }
  const walks = broadcastWalks([first.shape, second.shape], output.shape);
  const walk = walkCode(output.shape, walks, ['A', 'B']);
  const a = valueCode(first, 'fetchA(positionA(index))', type);
  const b = valueCode(second, 'fetchB(positionB(index))', type);
  launch(output, {
    name: `${name}_${first.dtype}_${walk.name}`,
    inputs: [first, second],
    integers: walk.integers,
    code: [...code, walk.code, `fn element(index: i32) -> ${outputType(call)} { return compute(${a}, ${b}); }`],
  });
}

/** The scalar takes the dtype of the array; it comes first where `scalarFirst` says so. */
function runWithScalar(call: GpuCall, type: ElementType, code: readonly string[]): void {
  const { name, inputs, outputs, attributes } = call;
  const [array] = inputs;
  const [output] = outputs;
  if (!array || !output) return;
  const isFirst = booleanOf(attributes, 'scalarFirst', false);
  const number = elementTypeOf(array.dtype) === type ? 'scalar()' : `${type}(scalar())`;
  const value = valueCode(array, 'fetchA(index)', type);
  const sides = isFirst ? `${number}, ${value}` : `${value}, ${number}`;
  launch(output, {
    name: `${name}_${array.dtype}_scalar${isFirst ? 'First' : ''}`,
    inputs: [array],
    ...scalarParameter(array.dtype, scalarOfDType(array.dtype, scalarOf(attributes, 'scalar'))),
    code: [...code, `fn element(index: i32) -> ${outputType(call)} { return compute(${sides}); }`],
  });
}
