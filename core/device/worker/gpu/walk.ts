import { type Shape, stridesOf } from '../../../ndarray/shape.ts';
import { broadcastStrides } from '../operators/broadcasting.ts';
import type { Parameters } from './program.ts';

/** How indices of a shape lead to positions in an array. */
export interface Walk {
  readonly start: number;
  /** From one index of an axis to the next. */
  readonly steps: readonly number[];
}

/** Code that finds the positions, and the sizes and steps that it asks for. */
export interface WalkCode {
  /** Of all that shows in the code. */
  readonly name: string;
  /** A function `position{NAME}(index)` for each walk. */
  readonly code: string;
  readonly integers: Parameters;
}

/** Walks through arrays by the indices of `shape` in C order; `names` tells their functions and parameters apart. */
export function walkCode(shape: Shape, walks: readonly Walk[], names: readonly string[]): WalkCode {
  const axes = mergeAxes(shape, walks);
  const integers: Record<string, number> = {};
  axes.forEach(({ size }, axis) => {
    integers[`${names[0]}Size${axis}`] = size;
  });
  const functions = walks.map((walk, i) => {
    const name = names[i] ?? '';
    integers[`${name}Start`] = walk.start;
    const steps = axes.map((axis, at) => {
      integers[`${name}Step${at}`] = axis.steps[i] ?? 0;
      const size = `${names[0]}Size${at}()`;
      // The first axis takes what is left: one division less.
      return at === 0
        ? `  at = at + rest * ${name}Step0();`
        : `  at = at + (rest % ${size}) * ${name}Step${at}();\n  rest = rest / ${size};`;
    });
    return [
      `fn position${name}(index: i32) -> i32 {`,
      '  var rest: i32 = index;',
      `  var at: i32 = ${name}Start();`,
      ...steps.toReversed(),
      '  return at;',
      '}',
    ].join('\n');
  });
  return { name: `walk${names.join('')}${axes.length}`, code: functions.join('\n'), integers };
}

/** Arrays of `shapes` broadcast to `shape`. */
export function broadcastWalks(shapes: readonly Shape[], shape: Shape): Walk[] {
  return shapes.map((own) => ({ start: 0, steps: broadcastStrides(own, shape) }));
}

export function linearWalk(shape: Shape): Walk {
  return { start: 0, steps: stridesOf(shape) };
}

interface MergedAxis {
  readonly size: number;
  readonly steps: readonly number[];
}

/** Neighbouring axes that every walk goes through as through one are one. */
function mergeAxes(shape: Shape, walks: readonly Walk[]): MergedAxis[] {
  const merged: MergedAxis[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const steps = walks.map((walk) => walk.steps[axis] ?? 0);
    const before = merged.at(-1);
    if (before?.steps.every((step, i) => step === (steps[i] ?? 0) * size)) {
      merged.splice(-1, 1, { size: before.size * size, steps });
    } else {
      merged.push({ size, steps });
    }
  });
  return merged;
}
