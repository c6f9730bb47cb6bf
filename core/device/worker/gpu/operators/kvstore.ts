import { dtypeInfo } from '../../../../ndarray/dtype.ts';
import { elementTypeOf } from '../gpu-device.ts';
import { type GpuCall, isNativeThroughout, registerGpuKernel } from '../kernels.ts';
import { launch } from '../launch.ts';
import { INPUT_NAMES } from '../program.ts';
import { sumOfFloats } from '../shaders/arithmetic.ts';

/** The elementwise sum with one rounding, so that the order of devices does not show in narrow floats. */
registerGpuKernel('add_n', {
  accepts: (call) => isNativeThroughout(call) && call.inputs.length <= INPUT_NAMES.length && !isWide(call),
  run: ({ inputs, outputs: [output] }) => {
    if (!output) return;
    const fetches = inputs.map((_, i) => `fetch${INPUT_NAMES[i]}(index)`);
    const isFloat = elementTypeOf(output.dtype) === 'f32';
    const code = isFloat ? sumOfFloats('0.0', fetches) : integerSum(fetches, output.dtype);
    launch(output, { name: `addN${inputs.length}`, inputs, code });
  },
});

/** Sums of int32 saturate, which needs more bits than programs have. */
function isWide({ outputs: [output] }: GpuCall): boolean {
  return output?.dtype === 'int32';
}

/** Saturates; bool is true where any is. */
function integerSum(fetches: readonly string[], dtype: Parameters<typeof dtypeInfo>[0]): string[] {
  const { kind, bits } = dtypeInfo(dtype);
  const sum = fetches.join(' + ');
  if (kind === 'bool') return [`fn element(index: i32) -> i32 { return select(0, 1, ${sum} != 0); }`];
  const [low, high] = kind === 'int' ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
  return [`fn element(index: i32) -> i32 { return clamp(${sum}, ${low}, ${high}); }`];
}
