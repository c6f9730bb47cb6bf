import { stridesOf } from '../../../../ndarray/shape.ts';
import { integersOf } from '../../../attributes.ts';
import { elementTypeOf } from '../gpu-device.ts';
import { registerGpuKernel } from '../kernels.ts';
import { launch } from '../launch.ts';
import { IS_NAN } from '../shaders/arithmetic.ts';
import { valueCode } from './unary.ts';

/** The first largest; NaN counts as larger than all, as in NumPy. */
registerGpuKernel('argmax', {
  run: ({ inputs: [input], outputs: [output], attributes }) => {
    if (!input || !output) return;
    const [axis = 0] = integersOf(attributes, 'axes');
    const type = elementTypeOf(input.dtype);
    const isNext = type === 'f32' ? 'value > record || (isNotNumber(value) && !isNotNumber(record))' : 'value > record';
    launch(output, {
      name: `argmax_${input.dtype}`,
      inputs: [input],
      integers: { width: input.shape[axis] ?? 1, step: stridesOf(input.shape)[axis] ?? 1 },
      code: [
        IS_NAN,
        `fn element(index: i32) -> i32 {
  let start: i32 = (index / step()) * step() * width() + index % step();
  var best: i32 = 0;
  var record: ${type} = ${valueCode(input, 'fetchA(start)', type)};
  for (var i: i32 = 1; i < width(); i = i + 1) {
    let value: ${type} = ${valueCode(input, 'fetchA(start + i * step())', type)};
    if (${isNext}) {
      best = i;
      record = value;
    }
  }
  return best;
}`,
      ],
    });
  },
});
