import { z } from 'zod';
import type { NDArray } from '../device/nd-array.ts';
import { InvalidArgumentError, ShapeMismatchError } from '../errors.ts';
import { formatShape } from '../ndarray/shape.ts';
import { fillParts } from './fill.ts';
import type { InitDesc } from './init-desc.ts';
import { Initializer } from './initializer.ts';
import { parseKwargs, type RawKwargs } from './kwargs.ts';
import type { PythonValue } from './python-json.ts';
import { createInitializer, type InitializerSpec, register } from './registry.ts';
import { type RNNPart, type RNNSpec, rnnSlices } from './rnn-layout.ts';

type PartInitializer = InitializerSpec | null | undefined;

export interface RNNFusedOptions {
  /** `rnn_relu`, `rnn_tanh`, `lstm` or `gru`. */
  readonly mode: string;
  readonly numLayers: number;
  readonly stateSize: number;
  readonly bidirectional?: boolean | undefined;
  /** Of an LSTM with a projected state. */
  readonly projectionSize?: number | null | undefined;
  readonly i2hWeightInitializer?: PartInitializer;
  readonly h2hWeightInitializer?: PartInitializer;
  readonly i2hBiasInitializer?: PartInitializer;
  readonly h2hBiasInitializer?: PartInitializer;
  readonly h2rWeightInitializer?: PartInitializer;
}

const partInitializer = z.string().nullish();

const rnnFusedKwargs = z.strictObject({
  mode: z.string(),
  num_layers: z.int(),
  state_size: z.int(),
  bidirectional: z.boolean().optional(),
  projection_size: z.int().nullish(),
  i2h_weight_initializer: partInitializer,
  h2h_weight_initializer: partInitializer,
  i2h_bias_initializer: partInitializer,
  h2h_bias_initializer: partInitializer,
  h2r_weight_initializer: partInitializer,
});

/** The one parameter vector of a fused recurrent layer, each part by an initializer of its own. */
export class RNNFused extends Initializer {
  readonly spec: RNNSpec;
  readonly #given: Readonly<Record<RNNPart, PartInitializer>>;
  #others: InitializerSpec | null = null;

  /** @throws InvalidArgumentError where there are no options: the name alone says too little. */
  constructor(options: RNNFusedOptions) {
    if (typeof options !== 'object' || options === null) {
      throw new InvalidArgumentError('RNNFused needs its options mode, numLayers and stateSize.');
    }
    super();
    const { mode, numLayers, stateSize, bidirectional = false, projectionSize = null } = options;
    this.spec = { mode, numLayers, stateSize, bidirectional, projectionSize };
    this.#given = {
      i2hWeight: options.i2hWeightInitializer,
      h2hWeight: options.h2hWeightInitializer,
      i2hBias: options.i2hBiasInitializer,
      h2hBias: options.h2hBiasInitializer,
      h2rWeight: options.h2rWeightInitializer,
    };
  }

  static fromKwargs(kwargs: RawKwargs): RNNFused {
    const parsed = parseKwargs('rnnfused', rnnFusedKwargs, kwargs);
    return new RNNFused({
      mode: parsed.mode,
      numLayers: parsed.num_layers,
      stateSize: parsed.state_size,
      bidirectional: parsed.bidirectional,
      projectionSize: parsed.projection_size,
      i2hWeightInitializer: parsed.i2h_weight_initializer,
      h2hWeightInitializer: parsed.h2h_weight_initializer,
      i2hBiasInitializer: parsed.i2h_bias_initializer,
      h2hBiasInitializer: parsed.h2h_bias_initializer,
      h2rWeightInitializer: parsed.h2r_weight_initializer,
    });
  }

  /**
   * Sets the initializer of the parts that were given none: MXNet's set_initializer, which a Parameter
   * calls before it initializes. Those that were given are kept (decisions.md). The bias of the hidden
   * state is zero under MXNet whatever is set here.
   */
  setInitializer(initializer: InitializerSpec): void {
    this.#others = initializer;
  }

  override initWeight(desc: InitDesc | string, array: NDArray): void {
    if (array.shape.length !== 1) {
      throw new ShapeMismatchError(
        `RNNFused initializes one flat vector, but ${desc} has shape ${formatShape(array.shape)}.`,
      );
    }
    const slices = rnnSlices(String(desc), this.spec, array.size);
    const fills = slices.map(({ part, start, count }) => {
      const initializer = this.#initializerOf(desc, part);
      return { start, count, fill: (vector: NDArray) => initializer.initWeight(desc, vector) };
    });
    fillParts(array, fills);
  }

  protected override dumpedKwargs(): PythonValue {
    const { mode, numLayers, stateSize, bidirectional, projectionSize } = this.spec;
    return {
      mode,
      num_layers: numLayers,
      state_size: stateSize,
      bidirectional,
      projection_size: projectionSize,
      i2h_weight_initializer: dumped(this.#given.i2hWeight),
      h2h_weight_initializer: dumped(this.#given.h2hWeight),
      i2h_bias_initializer: dumped(this.#given.i2hBias),
      h2h_bias_initializer: dumped(this.#given.h2hBias),
      h2r_weight_initializer: dumped(this.#given.h2rWeight),
    };
  }

  #initializerOf(desc: InitDesc | string, part: RNNPart): Initializer {
    const others = part === 'h2hBias' && this.#others !== null ? 'zero' : this.#others;
    const spec = this.#given[part] ?? others;
    if (spec !== null) return createInitializer(spec);
    throw new InvalidArgumentError(
      `RNNFused has no initializer for the part ${part} of ${desc}: give it one, or call setInitializer first.`,
    );
  }
}

function dumped(spec: PartInitializer): string | null {
  if (spec === null || spec === undefined || typeof spec === 'string') return spec ?? null;
  return createInitializer(spec).dumps();
}

register(RNNFused);
