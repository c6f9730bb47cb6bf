import type { NDArray } from '../device/nd-array.ts';
import { InvalidArgumentError } from '../errors.ts';
import type { InitializerSpec } from '../initializer/index.ts';
import type { DType } from '../ndarray/dtype.ts';
import { Parameter } from '../parameter/parameter.ts';
import { type ActivationName, activate, checkActivation } from './activation.ts';
import { type OperatorCall, OperatorLayer } from './layer.ts';
import { checkPair, checkSizes, checkUnknownSize, formatSize, present } from './layer-arguments.ts';

/** One number for height and width, or one for each. */
export type Pair = number | readonly [number, number];

export interface Conv2DOptions {
  readonly strides?: Pair;
  /** Zeros that are put around the image. */
  readonly padding?: Pair;
  readonly dilation?: Pair;
  /** Input and output channels fall into this many groups that do not see each other. */
  readonly groups?: number;
  readonly activation?: ActivationName | null;
  readonly useBias?: boolean;
  readonly dtype?: DType;
  readonly weightInitializer?: InitializerSpec | null;
  readonly biasInitializer?: InitializerSpec;
  /** Channels of the input; by default the first input tells. */
  readonly inChannels?: number;
}

/**
 * Gluon's `nn.Conv2D` in its layout NCHW: images of shape (batch, inChannels, height, width), a weight
 * of shape (channels, inChannels / groups, kernel height, kernel width).
 */
export class Conv2D extends OperatorLayer {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly #activation: ActivationName | null;
  readonly #geometry: Geometry;

  /** @throws InvalidArgumentError for sizes out of range, groups that do not divide the channels, and an unknown activation. */
  constructor(channels: number, kernelSize: Pair, options: Conv2DOptions = {}) {
    super();
    const { groups = 1, activation = null, useBias = true, dtype = 'float32', inChannels = 0 } = options;
    checkSizes('Conv2D', { channels, groups });
    checkUnknownSize('Conv2D', 'inChannels', inChannels);
    checkGroups(groups, { channels, inChannels });
    this.#activation = activation === null ? null : checkActivation(activation);
    this.#geometry = geometryOf(kernelSize, groups, options);
    const common = { dtype, allowDeferredInit: true };
    this.weight = new Parameter('weight', {
      ...common,
      shape: [channels, inChannels > 0 ? inChannels / groups : -1, ...this.#geometry.kernel],
      init: options.weightInitializer ?? null,
    });
    this.bias = useBias
      ? new Parameter('bias', { ...common, shape: [channels], init: options.biasInitializer ?? 'zeros' })
      : null;
  }

  protected override operatorCall(): OperatorCall {
    const { stride, pad, dilate, groups: numGroup } = this.#geometry;
    return {
      name: 'convolution',
      attributes: { stride, pad, dilate, numGroup },
      parameters: present(this.weight, this.bias),
    };
  }

  protected override compute(x: NDArray): NDArray {
    return activate(super.compute(x), this.#activation);
  }

  /** `Conv2D(3 -> 8, kernel_size=(3, 3), stride=(1, 1))`, and what differs from the usual. */
  override toString(): string {
    const { kernel, stride, pad, dilate, groups } = this.#geometry;
    const [channels, inChannels = -1] = this.weight.shape ?? [];
    const details = [
      `${formatSize(inChannels * groups)} -> ${formatSize(channels)}`,
      `kernel_size=(${kernel.join(', ')})`,
      `stride=(${stride.join(', ')})`,
      ...(pad.some((size) => size !== 0) ? [`padding=(${pad.join(', ')})`] : []),
      ...(dilate.some((size) => size !== 1) ? [`dilation=(${dilate.join(', ')})`] : []),
      ...(groups === 1 ? [] : [`groups=${groups}`]),
      ...(this.bias ? [] : ['bias=False']),
      ...(this.#activation === null ? [] : [this.#activation]),
    ];
    return `Conv2D(${details.join(', ')})`;
  }
}

interface Geometry {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly pad: readonly [number, number];
  readonly dilate: readonly [number, number];
  readonly groups: number;
}

function geometryOf(kernelSize: Pair, groups: number, options: Conv2DOptions): Geometry {
  const { strides = 1, padding = 0, dilation = 1 } = options;
  return {
    kernel: checkPair('Conv2D', { name: 'kernelSize', value: kernelSize, least: 1 }),
    stride: checkPair('Conv2D', { name: 'strides', value: strides, least: 1 }),
    pad: checkPair('Conv2D', { name: 'padding', value: padding, least: 0 }),
    dilate: checkPair('Conv2D', { name: 'dilation', value: dilation, least: 1 }),
    groups,
  };
}

function checkGroups(groups: number, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (size <= 0 || size % groups === 0) continue;
    throw new InvalidArgumentError(`${name} of Conv2D must be a multiple of its ${groups} groups, got ${size}.`);
  }
}
