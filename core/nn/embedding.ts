import type { InitializerSpec } from '../initializer/index.ts';
import type { DType } from '../ndarray/dtype.ts';
import { Parameter } from '../parameter/parameter.ts';
import { type OperatorCall, OperatorLayer } from './layer.ts';
import { checkSizes } from './layer-arguments.ts';

export interface EmbeddingOptions {
  readonly dtype?: DType;
  readonly weightInitializer?: InitializerSpec | null;
  /** The gradient is row_sparse: it holds just the rows that were looked up. */
  readonly sparseGrad?: boolean;
}

/** Gluon's `nn.Embedding`: row `i` of a weight of shape (inputDim, outputDim) for every index `i` of the input. */
export class Embedding extends OperatorLayer {
  readonly weight: Parameter;

  /** @throws InvalidArgumentError for sizes that are no positive integers. */
  constructor(inputDim: number, outputDim: number, options: EmbeddingOptions = {}) {
    super();
    checkSizes('Embedding', { inputDim, outputDim });
    this.weight = new Parameter('weight', {
      shape: [inputDim, outputDim],
      dtype: options.dtype ?? 'float32',
      init: options.weightInitializer ?? null,
      allowDeferredInit: true,
      gradStype: options.sparseGrad ? 'row_sparse' : 'default',
    });
  }

  protected override operatorCall(): OperatorCall {
    return { name: 'embedding', parameters: [this.weight] };
  }

  /** `Embedding(10 -> 4, float32)` */
  override toString(): string {
    return `Embedding(${this.weight.shape?.join(' -> ')}, ${this.weight.dtype})`;
  }
}
