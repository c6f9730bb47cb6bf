/** Gluon's Block and the layers that finish deferred initialization and make gradients. */
export { ACTIVATIONS, Activation, type ActivationName } from './activation.ts';
export { BatchNorm, type BatchNormOptions } from './batch-norm.ts';
export { Block, type BlockInitializeOptions } from './block.ts';
export { Conv2D, type Conv2DOptions, type Pair } from './conv2d.ts';
export { Dense, type DenseOptions } from './dense.ts';
export { Dropout, type DropoutOptions } from './dropout.ts';
export { Embedding, type EmbeddingOptions } from './embedding.ts';
export { Flatten } from './flatten.ts';
export { Layer, type OperatorCall, OperatorLayer } from './layer.ts';
export { LayerNorm, type LayerNormOptions } from './layer-norm.ts';
export {
  L2Loss,
  type LossOptions,
  SoftmaxCrossEntropyLoss,
  type SoftmaxCrossEntropyLossOptions,
} from './loss.ts';
export type { NormOptions } from './norm-parameters.ts';
export type { ArraysByName, LoadParametersOptions, SaveParametersOptions } from './parameter-files.ts';
export { Sequential } from './sequential.ts';
export type { SharedParameters } from './shared-parameters.ts';
