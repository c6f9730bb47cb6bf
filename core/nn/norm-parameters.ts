import type { InitializerSpec } from '../initializer/index.ts';
import { Parameter } from '../parameter/parameter.ts';
import { checkUnknownSize } from './layer-arguments.ts';

/** What the normalizing layers share: a scale and an offset for each channel. */
export interface NormOptions {
  /** Added to the variance, so that its root can divide. */
  readonly epsilon?: number;
  /** Adds beta; without it, beta stays as it is initialized. */
  readonly center?: boolean;
  /** Multiplies by gamma; without it, gamma stays as it is initialized. */
  readonly scale?: boolean;
  readonly betaInitializer?: InitializerSpec;
  readonly gammaInitializer?: InitializerSpec;
  /** Size of the normalized axis; by default the first input tells. */
  readonly inChannels?: number;
}

/** @throws InvalidArgumentError for an `inChannels` that is no size. */
export function scaleAndOffset(
  layer: string,
  options: NormOptions,
): { readonly gamma: Parameter; readonly beta: Parameter } {
  const { center = true, scale = true, inChannels = 0 } = options;
  checkUnknownSize(layer, 'inChannels', inChannels);
  const common = { shape: [inChannels], allowDeferredInit: true };
  return {
    gamma: new Parameter('gamma', { ...common, init: options.gammaInitializer ?? 'ones', differentiable: scale }),
    beta: new Parameter('beta', { ...common, init: options.betaInitializer ?? 'zeros', differentiable: center }),
  };
}
