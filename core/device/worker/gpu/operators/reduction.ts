import type { DType } from '../../../../ndarray/dtype.ts';
import { stridesOf } from '../../../../ndarray/shape.ts';
import { integersOf } from '../../../attributes.ts';
import type { tf } from '../../tensorflow.ts';
import type { GpuArray } from '../gpu-array.ts';
import { elementTypeOf, type GpuDevice } from '../gpu-device.ts';
import { type GpuCall, registerGpuKernel } from '../kernels.ts';
import { type ElementType, type Parameters, programOf } from '../program.ts';
import { IS_NAN, TWO_SUM } from '../shaders/arithmetic.ts';
import { storeCode } from '../shaders/rounding.ts';
import { walkCode } from '../walk.ts';

/** Elements that one invocation goes through. */
const STRETCH = 256;
/** Up to here one invocation goes through all that is reduced to one element. */
const LONGEST = 1024;

const KINDS = ['sum', 'mean', 'max', 'min'] as const;

type Kind = (typeof KINDS)[number];

/** How a running result takes in a `value`. */
interface Rule {
  readonly begin: string;
  readonly step: string;
  readonly end: string;
}

const FLOAT_SUM: Rule = {
  begin: 'var total: f32 = 0.0;\n  var lost: f32 = 0.0;',
  step: 'lost = lost + sumError(total, value);\n    total = total + value;',
  end: 'withError(total, lost)',
};

/** Integers wrap as they do on the cpu. */
const INTEGER_SUM: Rule = { begin: 'var total: i32 = 0;', step: 'total = total + value;', end: 'total' };

function ruleOf(kind: Kind, type: ElementType): Rule {
  if (kind === 'sum' || kind === 'mean') return type === 'f32' ? FLOAT_SUM : INTEGER_SUM;
  const isNext = `value ${kind === 'max' ? '>' : '<'} total${type === 'f32' ? ' || isNotNumber(value)' : ''}`;
  return {
    begin: `var total: ${type} = fetchA(first);`,
    step: `if (${isNext}) { total = value; }`,
    end: 'total',
  };
}

for (const kind of KINDS) {
  registerGpuKernel(kind, { run: (call) => reduce(kind, call) });
}

/** What is left to reduce: `inner` elements for each of `outer` results. */
interface Stage {
  readonly tensor: tf.Tensor;
  readonly dtype: DType;
  readonly outer: number;
  readonly inner: number;
  /** Functions `positionOuter` and `positionInner`, whose sum is an element's position. */
  readonly walk: Walks;
}

interface Walks {
  readonly name: string;
  readonly code: string;
  readonly integers: Parameters;
}

/** Stretch by stretch until one result is left of each, so that errors grow with the logarithm of the count. */
function reduce(kind: Kind, { device, inputs: [input], outputs: [output], attributes }: GpuCall): void {
  if (!input || !output) return;
  const type = kind === 'mean' ? 'f32' : elementTypeOf(input.dtype);
  const inner = input.size / output.size;
  let stage = firstStage(input, integersOf(attributes, 'axes'), inner);
  while (stage.inner > LONGEST) {
    const stretches = Math.ceil(stage.inner / STRETCH);
    const tensor = runStage(device, stage, { kind, type, stretches, store: null, divisor: 1 });
    const dtype = type === 'f32' ? 'float32' : 'int32';
    stage = { tensor, dtype, outer: stage.outer, inner: stretches, walk: rowByRow(stage.outer, stretches) };
  }
  const divisor = kind === 'mean' ? inner : 1;
  output.setTensor(runStage(device, stage, { kind, type, stretches: 1, store: output.dtype, divisor }));
}

function firstStage(input: GpuArray, axes: readonly number[], inner: number): Stage {
  const strides = stridesOf(input.shape);
  const partOf = (name: string, isChosen: (axis: number) => boolean) => {
    const chosen = input.shape.flatMap((_, axis) => (isChosen(axis) ? [axis] : []));
    const shape = chosen.map((axis) => input.shape[axis] ?? 1);
    return walkCode(shape, [{ start: 0, steps: chosen.map((axis) => strides[axis] ?? 1) }], [name]);
  };
  const outer = partOf('Outer', (axis) => !axes.includes(axis));
  const within = partOf('Inner', (axis) => axes.includes(axis));
  const { tensor, dtype, size } = input;
  return { tensor, dtype, outer: size / inner, inner, walk: together(outer, within) };
}

function rowByRow(rows: number, columns: number): Walks {
  return together(
    walkCode([rows], [{ start: 0, steps: [columns] }], ['Outer']),
    walkCode([columns], [{ start: 0, steps: [1] }], ['Inner']),
  );
}

function together(outer: Walks, inner: Walks): Walks {
  return {
    name: `${outer.name}_${inner.name}`,
    code: `${outer.code}\n${inner.code}`,
    integers: { ...outer.integers, ...inner.integers },
  };
}

interface StageRun {
  readonly kind: Kind;
  readonly type: ElementType;
  readonly stretches: number;
  /** The dtype that results are stored as; null for those that are reduced further. */
  readonly store: DType | null;
  readonly divisor: number;
}

function runStage(device: GpuDevice, { tensor, dtype, outer, inner, walk }: Stage, run: StageRun): tf.Tensor {
  const { kind, type, stretches, store, divisor } = run;
  const program = programOf({
    name: `${kind}_${dtype}_${store ?? 'part'}_${divisor === 1 ? '' : 'divided_'}${walk.name}`,
    inputs: [elementTypeOf(dtype)],
    output: type,
    integers: ['innerCount', 'stretches', 'stretch', ...Object.keys(walk.integers)],
    floats: ['divisor'],
    code: [IS_NAN, TWO_SUM, ...(store ? [storeCode(store)] : []), walk.code, stageCode(dtype, run)],
  });
  const parameters = { innerCount: inner, stretches, stretch: stretches === 1 ? inner : STRETCH, divisor };
  return device.run({
    program,
    inputs: [tensor],
    count: outer * stretches,
    parameters: { ...parameters, ...walk.integers },
  });
}

function stageCode(dtype: DType, { kind, type, store, divisor }: StageRun): string {
  const { begin, step, end } = ruleOf(kind, type);
  const result = divisor === 1 ? end : `${end} / divisor()`;
  const fetch = 'fetchA(base + positionInner(i))';
  return `fn element(index: i32) -> ${type} {
  let base: i32 = positionOuter(index / stretches());
  let start: i32 = (index % stretches()) * stretch();
  let stop: i32 = min(start + stretch(), innerCount());
  let first: i32 = base + positionInner(start);
  ${begin}
  for (var i: i32 = start; i < stop; i = i + 1) {
    let value: ${type} = ${elementTypeOf(dtype) === type ? fetch : `${type}(${fetch})`};
    ${step}
  }
  return ${store ? `store(${result})` : result};
}`;
}
