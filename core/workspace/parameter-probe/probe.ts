import type { NDArray } from '../../device/nd-array.ts';
import { CancelledError } from '../../errors.ts';
import type { Shape } from '../../ndarray/shape.ts';
import type { Parameter } from '../../parameter/parameter.ts';
import { named } from '../../parameter/parameter-errors.ts';
import type { WorkOptions } from '../../stats/engine.ts';
import { autograd } from '../../symbol/autograd.ts';
import { tidy } from '../../symbol/tidy.ts';
import { figureOf, normOf } from '../figures.ts';
import type { ProbePass, ProbeResult } from '../summary.ts';
import { type InputSpec, probeInputs } from './probe-input.ts';
import type { ProbeSpec } from './probe-kinds.ts';
import { type ProbeModel, probeModel } from './probe-models.ts';

type Probed = Omit<ProbeResult, 'parameter'>;

/**
 * Runs the layer that `spec` takes the Parameter for, forward and backward, on each of its copies. The loss is
 * the mean of the squares of the output. Backward fills the Parameter's own gradient buffers by its
 * `gradReq`; without any it is left out. Progress counts passes.
 *
 * @throws NotInitializedError, ShapeMismatchError, DTypeMismatchError, UnsupportedDTypeError, CancelledError
 */
export async function probe(
  parameter: Parameter,
  spec: Omit<ProbeSpec, 'batch'> & Pick<InputSpec, 'batch'>,
  options: WorkOptions = {},
): Promise<Probed> {
  const shape = parameter.shape ?? [];
  const model = probeModel(spec.as, parameter.name, shape);
  // Where there are no copies, Parameter says why.
  const copies = parameter.status === 'initialized' ? parameter.lendCopies() : [parameter.data()];
  const inputShape = model.inputShape(shape, spec.batchSize);
  const inputs = await probeInputs(copies, { ...spec, inputShape, isIndices: model.readsIndices ?? false }, options);
  try {
    const passes: ProbePass[] = [];
    let outputShape: Shape = [];
    for (let pass = 1; pass <= spec.times; pass++) {
      for (const input of inputs) {
        if (options.signal?.aborted) throw new CancelledError();
        const { shape: made, ...figures } = await runPass(parameter, model, input);
        passes.push({ pass, device: String(input.device), ...figures });
        outputShape = made;
        options.onProgress?.(passes.length);
      }
    }
    return { as: spec.as, inputShape: inputs[0]?.shape ?? inputShape, outputShape, passes };
  } catch (error) {
    throw named(parameter.name, error);
  } finally {
    for (const input of inputs) input.dispose();
  }
}

/** One pass over the copy on the device of `input`. */
async function runPass(parameter: Parameter, model: ProbeModel, input: NDArray) {
  const { device } = input;
  const weight = parameter.lendCopies().find((copy) => copy.device.equals(device)) ?? parameter.data(device);
  const gradient = parameter.gradients().find((buffer) => buffer.device.equals(device));
  const [result, loss] = tidy(() => {
    const made = autograd.record(() => {
      const output = model.forward(input, weight);
      return [output, output.square().mean()] as const;
    });
    if (gradient) autograd.backward(made[1]);
    return made;
  });
  // What is read is read before it is freed: ops run in order.
  const reading = Promise.all([normOf(result), loss.data(), gradient ? normOf(gradient) : null]);
  for (const array of [result, loss]) array.dispose();
  const [output, [value], gradientNorm] = await reading;
  return { shape: result.shape, output, loss: figureOf(Number(value)), gradient: gradientNorm };
}
