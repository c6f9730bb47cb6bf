import { InvalidArgumentError, InvalidStateError } from '../errors.ts';
import type { Parameter } from '../parameter/parameter.ts';
import type { ParameterTrainer } from '../parameter/trainer-link.ts';
import { hasFreshGradient } from '../symbol/autograd.ts';
import { Optimizer } from './optimizer.ts';
import type { OptimizerOptions } from './optimizer-options.ts';
import { createOptimizer } from './optimizer-registry.ts';

/** What a Trainer asks of its arguments and of its Parameters before a step. */

/** T-006 */
export function optimizerOf(optimizer: string | Optimizer, parameters: OptimizerOptions | null): Optimizer {
  if (typeof optimizer === 'string') return createOptimizer(optimizer, parameters ?? {});
  if (!(optimizer instanceof Optimizer)) {
    throw new InvalidArgumentError(`The optimizer must be a name or an Optimizer, got ${typeof optimizer}.`);
  }
  if (Object.keys(parameters ?? {}).length === 0) return optimizer;
  throw new InvalidArgumentError(
    'optimizerParams must be empty where the optimizer is an instance: give the arguments to its constructor.',
  );
}

/** T-007 */
export function checkAggregation({ aggregateNum }: Optimizer, updateOnKvstore: boolean | null): boolean | null {
  if (aggregateNum <= 1) return updateOnKvstore;
  if (!updateOnKvstore) return false;
  throw new InvalidArgumentError('Cannot set updateOnKvstore to true when the optimizer has aggregateNum > 1.');
}

/** All become `trainer`'s, or none (P-190 … P-194). Only sparse ones may refuse, so they come first. */
export function adopt(trainer: ParameterTrainer, parameters: readonly Parameter[]): void {
  const adopted: Parameter[] = [];
  try {
    for (const parameter of parameters.toSorted(
      (a, b) => Number(a.stype === 'default') - Number(b.stype === 'default'),
    )) {
      parameter.setTrainer(trainer);
      adopted.push(parameter);
    }
  } catch (error) {
    for (const parameter of adopted) parameter.setTrainer(null);
    throw error;
  }
}

/** T-020 */
export function assertFresh(parameter: Parameter): void {
  const stale = parameter.ownCopies().find((copy) => !hasFreshGradient(copy));
  if (!stale) return;
  throw new InvalidStateError(
    `Gradient of Parameter '${parameter.name}' on device ${stale.device} has not been updated by backward since last step. This could mean a bug in your model that made it only use a subset of the Parameters (Blocks) for this iteration. If you are intentionally only using a subset, call step with ignoreStaleGrad to suppress this and skip updating of Parameters with stale gradient.`,
    { parameter: parameter.name, device: stale.device.toString() },
  );
}
