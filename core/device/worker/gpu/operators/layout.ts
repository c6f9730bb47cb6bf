import { stridesOf } from '../../../../ndarray/shape.ts';
import { parseSlice } from '../../../../ndarray/slice.ts';
import { integersOf, numberOf, stringOf } from '../../../attributes.ts';
import type { Attributes } from '../../../protocol.ts';
import { broadcastStrides } from '../../operators/broadcasting.ts';
import type { GpuArray } from '../gpu-array.ts';
import { elementTypeOf } from '../gpu-device.ts';
import { isNativeThroughout, registerGpuKernel } from '../kernels.ts';
import { launch } from '../launch.ts';
import { INPUT_NAMES } from '../program.ts';
import { type Walk, walkCode } from '../walk.ts';

/** Kernels that move elements and do not compute with them. */

for (const name of ['reshape', 'expand_dims', 'squeeze', 'flatten']) {
  registerGpuKernel(name, {
    accepts: () => true,
    run: ({ inputs: [input], outputs: [output] }) => {
      if (input && output) output.share(input);
    },
  });
}

registerGpuKernel('transpose', {
  run: ({ inputs: [input], outputs: [output], attributes }) => {
    if (!input || !output) return;
    const strides = stridesOf(input.shape);
    gather(input, output, { start: 0, steps: integersOf(attributes, 'axes').map((axis) => strides[axis] ?? 0) });
  },
});

registerGpuKernel('broadcast_to', {
  run: ({ inputs: [input], outputs: [output] }) => {
    if (input && output) gather(input, output, { start: 0, steps: broadcastStrides(input.shape, output.shape) });
  },
});

registerGpuKernel('slice', {
  run: ({ inputs: [input], outputs: [output], attributes }) => {
    if (!input || !output) return;
    const { ranges, removedAxes } = parseSlice(stringOf(attributes, 'slice'), input.shape);
    const strides = stridesOf(input.shape);
    gather(input, output, {
      start: ranges.reduce((sum, { start }, axis) => sum + start * (strides[axis] ?? 0), 0),
      steps: ranges.flatMap(({ step }, axis) => (removedAxes.includes(axis) ? [] : [step * (strides[axis] ?? 0)])),
    });
  },
});

registerGpuKernel('slice_backward', {
  run: ({ inputs: [input], outputs: [output], attributes }) => {
    if (input && output) scatter(input, output, { attributes, keeps: false });
  },
});

registerGpuKernel('slice_assign', {
  run: ({ inputs: [input], outputs: [output], attributes }) => {
    if (input && output) scatter(input, output, { attributes, keeps: true });
  },
});

/** As many at a time as a program has inputs. */
registerGpuKernel('concat', {
  accepts: (call) => isNativeThroughout(call) && call.inputs.length <= INPUT_NAMES.length,
  run: ({ inputs, outputs: [output], attributes }) => {
    if (!output) return;
    const axis = numberOf(attributes, 'axis');
    const inner = stridesOf(output.shape)[axis] ?? 1;
    const runs = inputs.map(({ shape }) => (shape[axis] ?? 1) * inner);
    const integers = Object.fromEntries(runs.map((run, i) => [`run${i}`, run]));
    const steps = inputs.map(
      (_, i) => `if (at < run${i}()) { return fetch${INPUT_NAMES[i]}(row * run${i}() + at); }
  at = at - run${i}();`,
    );
    launch(output, {
      name: `concat${inputs.length}`,
      inputs,
      integers: { ...integers, whole: runs.reduce((sum, run) => sum + run, 0) },
      code: [
        `fn element(index: i32) -> ${elementTypeOf(output.dtype)} {
  let row: i32 = index / whole();
  var at: i32 = index % whole();
  ${steps.join('\n  ')}
  return fetchA(0);
}`,
      ],
    });
  },
});

/** The elements of a walk through `input`, in C order, become `output`. */
export function gather(input: GpuArray, output: GpuArray, walk: Walk): void {
  const { name, code, integers } = walkCode(output.shape, [walk], ['A']);
  launch(output, {
    name: `gather_${name}`,
    inputs: [input],
    integers,
    code: [code, `fn element(index: i32) -> ${elementTypeOf(output.dtype)} { return fetchA(positionA(index)); }`],
  });
}

/** The input, broadcast, where the attribute `slice` says; elsewhere zeros, or what was there. */
function scatter(
  input: GpuArray,
  output: GpuArray,
  { attributes, keeps }: { readonly attributes: Attributes; readonly keeps: boolean },
): void {
  const type = elementTypeOf(output.dtype);
  const { ranges, removedAxes } = parseSlice(stringOf(attributes, 'slice'), output.shape);
  const kept = ranges.flatMap(({ count }, axis) => (removedAxes.includes(axis) ? [] : [count]));
  const steps = broadcastStrides(input.shape, kept);
  const integers: Record<string, number> = {};
  let next = 0;
  const axes = ranges.map(({ start, step, count }, axis) => {
    const sourceStep = removedAxes.includes(axis) ? 0 : (steps[next++] ?? 0);
    Object.assign(integers, parametersOf(axis, { size: output.shape[axis] ?? 1, start, step, count, sourceStep }));
    return axisCode(axis);
  });
  const elsewhere = keeps ? 'fetchB(index)' : type === 'f32' ? '0.0' : '0';
  launch(output, {
    name: `scatter${keeps ? 'Into' : ''}${ranges.length}`,
    inputs: keeps ? [input, output] : [input],
    integers,
    code: [
      `fn element(index: i32) -> ${type} {
  var rest: i32 = index;
  var at: i32 = 0;
  var own: i32 = 0;
  var away: i32 = 0;
${axes.toReversed().join('\n')}
  if (own < 0) { return ${elsewhere}; }
  return fetchA(at);
}`,
    ],
  });
}

interface ScatteredAxis {
  readonly size: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
  readonly sourceStep: number;
}

/** A negative step is walked from its far end. */
function parametersOf(axis: number, { size, start, step, count, sourceStep }: ScatteredAxis): Record<string, number> {
  const values = {
    size,
    first: step < 0 ? start + step * (count - 1) : start,
    stride: Math.abs(step),
    count,
    from: step < 0 ? sourceStep * (count - 1) : 0,
    source: step < 0 ? -sourceStep : sourceStep,
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${name}${axis}`, value]));
}

/** `own` becomes -1 where the index is not in the slice. */
function axisCode(axis: number): string {
  return `  away = rest % size${axis}() - first${axis}();
  rest = rest / size${axis}();
  if (away < 0 || away % stride${axis}() != 0 || away / stride${axis}() >= count${axis}()) { own = -1; }
  at = at + from${axis}() + (away / stride${axis}()) * source${axis}();`;
}
