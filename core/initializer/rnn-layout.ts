import { InvalidArgumentError, ShapeMismatchError } from '../errors.ts';

/** Gates of each kind of recurrent cell. */
const GATES = { rnn_relu: 1, rnn_tanh: 1, lstm: 4, gru: 3 } as const;

export interface RNNSpec {
  /** `rnn_relu`, `rnn_tanh`, `lstm` or `gru`. */
  readonly mode: string;
  readonly numLayers: number;
  readonly stateSize: number;
  readonly bidirectional: boolean;
  readonly projectionSize: number | null;
}

export type RNNPart = 'i2hWeight' | 'h2hWeight' | 'h2rWeight' | 'i2hBias' | 'h2hBias';

/** Consecutive elements of the flat vector. */
export interface RNNSlice {
  readonly part: RNNPart;
  readonly start: number;
  readonly count: number;
}

/**
 * How a fused recurrent layer lays out its one parameter vector: all weights by layer and direction,
 * then all biases in the same order (initializers.md §4).
 *
 * @throws InvalidArgumentError for an unknown mode.
 * @throws ShapeMismatchError where no input size gives a vector of `length` elements.
 */
export function rnnSlices(name: string, spec: RNNSpec, length: number): RNNSlice[] {
  const { stateSize, numLayers, projectionSize } = spec;
  assertSizes(spec);
  const directions = spec.bidirectional ? 2 : 1;
  const rows = gatesOf(spec.mode) * stateSize;
  // What a layer hands to the next, and to itself at the next step.
  const output = projectionSize ?? stateSize;
  const weights = (layer: number): [RNNPart, number][] => [
    ['i2hWeight', rows * (layer === 0 ? inputSize(name, spec, length) : output * directions)],
    ['h2hWeight', rows * output],
    ...(projectionSize === null ? [] : [['h2rWeight', projectionSize * stateSize] satisfies [RNNPart, number]]),
  ];
  const biases: [RNNPart, number][] = [
    ['i2hBias', rows],
    ['h2hBias', rows],
  ];
  const layers = Array.from({ length: numLayers * directions }, (_, i) => Math.floor(i / directions));
  const parts = [...layers.flatMap(weights), ...layers.flatMap(() => biases)];
  let start = 0;
  return parts.map(([part, count]) => {
    const slice = { part, start, count };
    start += count;
    return slice;
  });
}

/** What is left for the first layer's input once all other parts are counted. */
function inputSize(
  name: string,
  { mode, numLayers, stateSize, bidirectional, projectionSize }: RNNSpec,
  length: number,
): number {
  const directions = bidirectional ? 2 : 1;
  const size = stateSize * directions * gatesOf(mode);
  const output = projectionSize ?? stateSize;
  const projections = projectionSize === null ? 0 : projectionSize * stateSize * numLayers * directions;
  const laterLayers = (numLayers - 1) * (output * directions + output + 2) * size;
  const input = (length - projections - laterLayers) / size - 2 - output;
  if (Number.isInteger(input) && input >= 0) return input;
  throw new ShapeMismatchError(
    `${name} has ${length} elements, which no input size of a ${numLayers}-layer ${mode} with state size ${stateSize} gives.`,
  );
}

function gatesOf(mode: string): number {
  if (isMode(mode)) return GATES[mode];
  throw new InvalidArgumentError(`Unknown mode ${mode} of RNNFused: expected one of ${Object.keys(GATES).join(', ')}.`);
}

function isMode(mode: string): mode is keyof typeof GATES {
  return Object.hasOwn(GATES, mode);
}

function assertSizes({ numLayers, stateSize, projectionSize }: RNNSpec): void {
  if ([numLayers, stateSize, projectionSize ?? 1].every((size) => Number.isSafeInteger(size) && size > 0)) return;
  throw new InvalidArgumentError(
    `RNNFused takes positive integers, got numLayers ${numLayers}, stateSize ${stateSize}, projectionSize ${projectionSize}.`,
  );
}
