import type { NDArray } from '../../device/nd-array.ts';
import { CancelledError } from '../../errors.ts';
import type { Shape } from '../../ndarray/shape.ts';
import type { Parameter } from '../../parameter/parameter.ts';
import type { WorkOptions } from '../../stats/engine.ts';
import { autograd } from '../../symbol/autograd.ts';
import { tidy } from '../../symbol/tidy.ts';
import { figureOf, normOf } from '../figures.ts';
import type { ProbePass, ProbeResult } from '../summary.ts';
import { probeInput } from './probe-input.ts';
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
export async function probe(parameter: Parameter, spec: ProbeSpec, options: WorkOptions = {}): Promise<Probed> {
  const { name } = parameter;
  const shape = parameter.shape ?? [];
  const model = probeModel(spec.as, name, shape);
  const inputShape = model.inputShape(shape, spec.batchSize);
  const passes: ProbePass[] = [];
  let outputShape: Shape = [];
  for (let pass = 1; pass <= spec.times; pass++) {
    for (const [i, device] of parameter.listDevice().entries()) {
      if (options.signal?.aborted) throw new CancelledError();
      const weight = parameter.lendCopies()[i] ?? parameter.data(device);
      const run = runPass({ weight, hasGradient: parameter.gradReq !== 'null', model }, inputShape, spec);
      outputShape = run.outputShape;
      const gradient = parameter.gradients()[i];
      const [output, loss, gradientNorm] = await Promise.all([
        run.output,
        run.loss,
        gradient ? normOf(gradient) : null,
      ]);
      passes.push({ device: String(device), pass, output, loss, gradient: gradientNorm });
      options.onProgress?.(passes.length);
    }
  }
  return { as: spec.as, inputShape, outputShape, passes };
}

interface Subject {
  readonly weight: NDArray;
  readonly hasGradient: boolean;
  readonly model: ProbeModel;
}

/** Enqueues one pass; what is read of it are promises. */
function runPass({ weight, hasGradient, model }: Subject, inputShape: Shape, spec: ProbeSpec) {
  const input = probeInput(weight, { shape: inputShape, spec, isIndices: model.readsIndices ?? false });
  const [output, loss] = tidy(() => {
    const made = autograd.record(() => {
      const result = model.forward(input, weight);
      return [result, result.square().mean()] as const;
    });
    if (hasGradient) autograd.backward(made[1]);
    return made;
  });
  // What is read is read before it is freed: ops run in order.
  const run = {
    outputShape: output.shape,
    output: normOf(output),
    loss: loss.data().then(([value]) => figureOf(Number(value))),
  };
  for (const array of [input, output, loss]) array.dispose();
  return run;
}
