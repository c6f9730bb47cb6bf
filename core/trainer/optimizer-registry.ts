import { InvalidArgumentError } from '../errors.ts';
import { Adam, AdamW } from './adam.ts';
import type { Optimizer } from './optimizer.ts';
import type { OptimizerOptions } from './optimizer-options.ts';
import { SGD } from './sgd.ts';

type OptimizerFactory = (options: OptimizerOptions) => Optimizer;

const factories = new Map<string, OptimizerFactory>();

/** Makes an optimizer known by name, in any case; a later one takes the place of an earlier one. */
export function registerOptimizer(name: string, create: OptimizerFactory): void {
  factories.set(name.toLowerCase(), create);
}

/** @throws InvalidArgumentError for an unknown name (T-006) and for bad arguments. */
export function createOptimizer(name: string, options: OptimizerOptions = {}): Optimizer {
  const create = factories.get(name.toLowerCase());
  if (create) return create(options);
  throw new InvalidArgumentError(
    `Cannot find optimizer ${JSON.stringify(name)}: there are ${[...factories.keys()].join(', ')}.`,
  );
}

registerOptimizer('sgd', (options) => new SGD(options));
registerOptimizer('adam', (options) => new Adam(options));
registerOptimizer('adamw', (options) => new AdamW(options));
