/**
 * A program that computes every element of an array by itself. Its code is written once, in the part of
 * WGSL that `glsl.ts` can translate, and runs on WebGPU and WebGL:
 * - `fn element(index: i32) -> T` gives the element at `index` in C order;
 * - `fetchA(i)`, `fetchB(i)` … give element `i` of the inputs;
 * - every parameter is a function of its name without arguments;
 * - every `let` and `var` names its type, and conditions have braces.
 */
export interface ElementProgram {
  /** Names the code: two programs of one name have the same. */
  readonly name: string;
  readonly inputs: readonly ElementType[];
  readonly output: ElementType;
  readonly integers: readonly string[];
  readonly floats: readonly string[];
  readonly code: string;
}

/** How a device computes with an element: bool and the integers are `i32`. */
export type ElementType = 'f32' | 'i32';

/** The inputs of a program by their names in its code. WebGPU guarantees eight bindings, one of them for the result. */
export const INPUT_NAMES = ['A', 'B', 'C', 'D', 'E', 'F'] as const;

export type Parameters = Readonly<Record<string, number>>;

export interface ProgramParts {
  readonly name: string;
  readonly inputs: readonly ElementType[];
  readonly output: ElementType;
  readonly integers?: readonly string[];
  readonly floats?: readonly string[];
  /** Functions first, `element` last. */
  readonly code: readonly string[];
}

export function programOf({ name, inputs, output, integers = [], floats = [], code }: ProgramParts): ElementProgram {
  const key = [name, ...inputs, output].join('_');
  return { name: key, inputs, output, integers, floats, code: code.join('\n') };
}

/** The values of `names`, in fours as uniforms lie; missing ones of the last four are 0. */
export function inFours(names: readonly string[], parameters: Parameters): number[][] {
  const fours: number[][] = [];
  for (let start = 0; start < names.length; start += 4) {
    fours.push([0, 1, 2, 3].map((i) => parameters[names[start + i] ?? ''] ?? 0));
  }
  return fours;
}

/** Where the value of the parameter at `index` lies among its fours: `2.y`. */
export function placeInFours(index: number): { readonly four: number; readonly part: string } {
  return { four: Math.floor(index / 4), part: 'xyzw'.charAt(index % 4) };
}
