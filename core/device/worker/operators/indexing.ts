import { type Shape, stridesOf } from '../../../ndarray/shape.ts';
import { numberOf } from '../../attributes.ts';
import { type DeviceArray, partsOf } from '../device-array.ts';
import { walkPairs } from './broadcasting.ts';
import { elementCopier } from './copy-elements.ts';
import { registerKernel } from './registry.ts';
import { numbersOf, realsOf, settle } from './results.ts';

/** Entries of the first input along `axis`, at the positions in the second, clipped to those there are. */
registerKernel('take', ([input, indices], attributes, [output]) => {
  if (!input || !indices || !output) return;
  const plan = planTake(input.shape, numberOf(attributes, 'axis'), indices);
  forEachPart(input, output, (copy) => {
    forEachTaken(plan, (from, to) => {
      for (let i = 0; i < plan.inner; i++) copy(from + i, to + i);
    });
  });
});

/** Adds the first input's entries to zeros at the positions that `take` took them from: its gradient. */
registerKernel('take_backward', ([head, indices], attributes, [output]) => {
  if (!head || !indices || !output) return;
  const plan = planTake(output.shape, numberOf(attributes, 'axis'), indices);
  const [source, values] = [numbersOf(head), numbersOf(output)];
  const sums = values instanceof Float64Array ? values : new Float64Array(values.length);
  forEachTaken(plan, (to, from) => {
    for (let i = 0; i < plan.inner; i++) sums[to + i] = (sums[to + i] ?? 0) + (source[from + i] ?? 0);
  });
  if (sums !== values) values.set(sums);
  settle(output);
});

/** Of each row along the last axis the element that the second input names, clipped. */
registerKernel('pick', ([input, indices], _attributes, [output]) => {
  if (!input || !indices || !output) return;
  const width = input.shape.at(-1) ?? 1;
  const positions = realsOf(indices);
  forEachPart(input, output, (copy) => {
    positions.forEach((index, row) => {
      copy(row * width + Math.min(Math.max(Math.trunc(index), 0), width - 1), row);
    });
  });
});

/** A last axis of size `depth` that is 1 at each index; all 0 where it is out of range. */
registerKernel('one_hot', ([indices], attributes, [output]) => {
  if (!indices || !output) return;
  const depth = numberOf(attributes, 'depth');
  const values = numbersOf(output);
  realsOf(indices).forEach((index, i) => {
    const position = Math.trunc(index);
    if (position >= 0 && position < depth) values[i * depth + position] = 1;
  });
});

/** The second input where the first is not zero, else the third; all broadcast. */
registerKernel('where', ([condition, whenTrue, whenFalse], _attributes, [output]) => {
  if (!condition || !whenTrue || !whenFalse || !output) return;
  const chosen = realsOf(condition);
  const sides = [
    { side: whenTrue, wanted: true },
    { side: whenFalse, wanted: false },
  ];
  for (const { side, wanted } of sides) {
    forEachPart(side, output, (copy) => {
      walkPairs(output.shape, [condition.shape, side.shape], (o, at, from) => {
        if ((chosen[at] !== 0) === wanted) copy(from, o);
      });
    });
  }
});

/** An array seen as (outer, size, inner) around the axis that is indexed. */
interface TakePlan {
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
  readonly positions: Float64Array;
}

function planTake(shape: Shape, axis: number, indices: DeviceArray): TakePlan {
  const size = shape[axis] ?? 1;
  const inner = stridesOf(shape)[axis] ?? 1;
  const outer = shape.slice(0, axis).reduce((product, count) => product * count, 1);
  const positions = Float64Array.from(realsOf(indices), (index) => Math.min(Math.max(Math.trunc(index), 0), size - 1));
  return { outer, size, inner, positions };
}

/** The starts of runs of `inner` elements in the indexed array and in the result. */
function forEachTaken({ outer, size, inner, positions }: TakePlan, visit: (at: number, result: number) => void): void {
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < positions.length; i++) {
      visit((o * size + (positions[i] ?? 0)) * inner, (o * positions.length + i) * inner);
    }
  }
}

/** Calls back once per part of the elements: two for complex arrays. */
function forEachPart(
  source: DeviceArray,
  target: DeviceArray,
  move: (copy: (from: number, to: number) => void) => void,
): void {
  const parts = partsOf(source.elements);
  partsOf(target.elements).forEach((part, index) => {
    const from = parts[index];
    if (from) move(elementCopier(from, part));
  });
}
