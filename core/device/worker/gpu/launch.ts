import type { GpuArray } from './gpu-array.ts';
import { elementTypeOf } from './gpu-device.ts';
import { type Parameters, programOf } from './program.ts';
import { storeCode } from './shaders/rounding.ts';

/** A program for one output. Its code may call `store`, which leaves a result as the output's dtype would hold it. */
export interface Launch {
  /** Names the code, apart from the dtypes of inputs and output. */
  readonly name: string;
  readonly inputs: readonly GpuArray[];
  readonly integers?: Parameters;
  readonly floats?: Parameters;
  readonly code: readonly string[];
}

/** Computes all elements of `output` anew; it may be one of the inputs. */
export function launch(output: GpuArray, { name, inputs, integers = {}, floats = {}, code }: Launch): void {
  const program = programOf({
    name: `${name}_${output.dtype}`,
    inputs: inputs.map(({ dtype }) => elementTypeOf(dtype)),
    output: elementTypeOf(output.dtype),
    integers: Object.keys(integers),
    floats: Object.keys(floats),
    code: [storeCode(output.dtype), ...code],
  });
  output.setTensor(
    output.device.run({
      program,
      inputs: inputs.map(({ tensor }) => tensor),
      count: output.size,
      parameters: { ...integers, ...floats },
    }),
  );
}
