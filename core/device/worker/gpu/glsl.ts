import type { GPGPUProgram } from '@tensorflow/tfjs-backend-webgl';
import { type ElementProgram, INPUT_NAMES, inFours, type Parameters, placeInFours } from './program.ts';

/**
 * What TensorFlow.js' WebGL backend runs: the program in GLSL ES 3.00. Textures hold float32 alone, so
 * integers come out of them and go back by conversion, which is exact to 24 bits.
 */
export function glslProgram(program: ElementProgram, count: number): GPGPUProgram {
  const { inputs, integers, floats } = program;
  const fours = (names: readonly string[], name: string, type: 'ivec4' | 'vec4') =>
    Array.from({ length: Math.ceil(names.length / 4) }, (_, i) => ({ name: `${name}${i}`, type }));
  return {
    variableNames: INPUT_NAMES.slice(0, inputs.length),
    outputShape: [count],
    // Otherwise every size would be compiled for itself.
    enableShapeUniforms: true,
    customUniforms: [...fours(integers, 'integers', 'ivec4'), ...fours(floats, 'floats', 'vec4')],
    userCode: userCode(program),
  };
}

export function uniformValuesOf(program: ElementProgram, parameters: Parameters): number[][] {
  return [...inFours(program.integers, parameters), ...inFours(program.floats, parameters)];
}

function userCode({ name, inputs, output, integers, floats, code }: ElementProgram): string {
  return [
    // TensorFlow.js tells programs apart by their code.
    `// ${name}`,
    ...['float', 'int', 'uint'].map(
      (type) => `${type} select(${type} no, ${type} yes, bool condition) { return condition ? yes : no; }`,
    ),
    'float quietNaN() { return uintBitsToFloat(0x7fc00000u); }',
    'float infinity() { return uintBitsToFloat(0x7f800000u); }',
    ...integers.map((parameter, i) => accessor(parameter, 'int', `integers${fieldOf(i)}`)),
    ...floats.map((parameter, i) => accessor(parameter, 'float', `floats${fieldOf(i)}`)),
    ...inputs.map((type, i) => {
      const fetch = `get${INPUT_NAMES[i]}(i)`;
      return type === 'f32'
        ? `float fetch${INPUT_NAMES[i]}(int i) { return ${fetch}; }`
        : `int fetch${INPUT_NAMES[i]}(int i) { return int(${fetch}); }`;
    }),
    translate(code),
    `void main() { setOutput(${output === 'f32' ? 'element' : 'float(element'}(getOutputCoords())${output === 'f32' ? '' : ')'}); }`,
  ].join('\n');
}

const TYPES: Readonly<Record<string, string>> = { f32: 'float', i32: 'int', u32: 'uint', bool: 'bool' };

/** From the part of WGSL that `ElementProgram` describes. */
export function translate(code: string): string {
  return code
    .replace(/fn (\w+)\(([^)]*)\) -> (\w+)/g, (_, name, parameters, result) => {
      return `${TYPES[result]} ${name}(${String(parameters).replace(/(\w+): (\w+)/g, (_all, own, type) => `${TYPES[type]} ${own}`)})`;
    })
    .replace(/\b(?:let|var) (\w+): (\w+)/g, (_, name, type) => `${TYPES[type]} ${name}`)
    .replace(/bitcast<u32>\(/g, 'floatBitsToUint(')
    .replace(/bitcast<f32>\(/g, 'uintBitsToFloat(')
    .replace(/\b(f32|i32|u32)\(/g, (_, type) => `${TYPES[type]}(`);
}

function accessor(name: string, type: string, field: string): string {
  return `${type} ${name}() { return ${field}; }`;
}

function fieldOf(index: number): string {
  const { four, part } = placeInFours(index);
  return `${four}.${part}`;
}
