import type { WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import { type ElementProgram, INPUT_NAMES, inFours, type Parameters, placeInFours } from './program.ts';

const WORKGROUP = 64;

/** What TensorFlow.js' WebGPU backend runs. Buffers are read by plain indices: its own accessors go through float32. */
export class WgslProgram implements WebGPUProgram {
  readonly outputShape: number[];
  readonly shaderKey: string;
  readonly dispatch: [number, number, number];
  readonly dispatchLayout = { x: [0] };
  readonly workgroupSize: [number, number, number] = [WORKGROUP, 1, 1];
  readonly variableNames: string[];
  readonly uniforms: string;
  readonly size = true;
  readonly #program: ElementProgram;

  constructor(program: ElementProgram, count: number) {
    this.#program = program;
    this.outputShape = [count];
    this.shaderKey = `parascope_${program.name}`;
    this.dispatch = [Math.ceil(count / WORKGROUP), 1, 1];
    this.variableNames = INPUT_NAMES.slice(0, program.inputs.length);
    const fours = (names: readonly string[]) => Array.from({ length: Math.ceil(names.length / 4) }, (_, i) => i);
    this.uniforms = [
      ...fours(program.integers).map((i) => `integers${i} : vec4<i32>, `),
      ...fours(program.floats).map((i) => `floats${i} : vec4<f32>, `),
    ].join('');
  }

  getUserCode(): string {
    const { inputs, integers, floats, code } = this.#program;
    const parameters = [
      ...integers.map((name, i) => accessor(name, 'i32', `integers${fieldOf(i)}`)),
      ...floats.map((name, i) => accessor(name, 'f32', `floats${fieldOf(i)}`)),
    ];
    const fetches = inputs.map((type, i) => {
      const name = INPUT_NAMES[i];
      return `fn fetch${name}(i: i32) -> ${type} { return ${name}[i]; }`;
    });
    return [
      'fn quietNaN() -> f32 { return uniforms.NAN; }',
      'fn infinity() -> f32 { return uniforms.INFINITY; }',
      ...parameters,
      ...fetches,
      code,
      'fn main(index : i32) {',
      // An input that the code does not look at must be bound all the same.
      ...this.variableNames.map((name) => `  _ = &${name};`),
      '  if (index < uniforms.size) { result[index] = element(index); }',
      '}',
    ].join('\n');
  }
}

export function uniformsOf(program: ElementProgram, parameters: Parameters): { type: string; data: number[] }[] {
  return [
    ...inFours(program.integers, parameters).map((data) => ({ type: 'int32', data })),
    ...inFours(program.floats, parameters).map((data) => ({ type: 'float32', data })),
  ];
}

function accessor(name: string, type: string, field: string): string {
  return `fn ${name}() -> ${type} { return uniforms.${field}; }`;
}

function fieldOf(index: number): string {
  const { four, part } = placeInFours(index);
  return `${four}.${part}`;
}
