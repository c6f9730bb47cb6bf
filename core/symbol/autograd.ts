import { NDArray } from '../device/nd-array.ts';
import { InvalidStateError } from '../errors.ts';
import { isRecording, isTraining, pause, predictMode, record, trainMode, unrecorded } from './autograd-state.ts';
import { type BackwardOptions, differentiate, pairHeads, releaseGraph } from './backward.ts';
import { type GradientBuffer, type GradReq, markVariable, unmark, Variable, variableOf } from './tape.ts';

export { isRecording, isTraining, pause, predictMode, record, trainMode } from './autograd-state.ts';
export { type GradientBuffer, type GradReq, markVariable, unmark } from './tape.ts';

/**
 * Enqueues the gradients of the sum of `heads`, each weighed by its head gradient (ones by default),
 * into the buffers of the marked arrays behind them: `write` overwrites, with all uses within this call
 * summed first, `add` adds, both in place and cast to the buffer's dtype.
 *
 * @returns the buffers that were written.
 * @throws InvalidStateError for a head that was not recorded, a graph that was freed, or one without
 *   any input that wants a gradient.
 * @throws InvalidArgumentError, ShapeMismatchError for head gradients that do not go with the heads.
 */
export function backward(
  heads: NDArray | readonly NDArray[],
  headGradients: NDArray | readonly (NDArray | null)[] | null = null,
  { retainGraph = false }: BackwardOptions = {},
): readonly (NDArray | GradientBuffer)[] {
  const pairs = pairHeads(heads, headGradients);
  return unrecorded(() => {
    const written: (NDArray | GradientBuffer)[] = [];
    const gradients = differentiate(pairs.heads, pairs.gradients, ({ req }) => req !== 'null');
    for (const [entry, gradient] of gradients) {
      const variable = entry instanceof Variable ? entry : entry.variable;
      if (variable) {
        store(variable, gradient);
        written.push(variable.buffer);
      }
      gradient.dispose();
    }
    if (!retainGraph) releaseGraph(pairs.heads);
    return written;
  });
}

function store(variable: Variable, gradient: NDArray): void {
  const { buffer, req } = variable;
  if (!(buffer instanceof NDArray)) {
    if (req === 'add') buffer.add(gradient);
    else buffer.write(gradient);
  } else if (req === 'write') {
    buffer.runtime.assign(buffer, gradient);
  } else {
    const cast = buffer.runtime.cast(gradient, buffer.dtype, buffer.device);
    buffer.runtime.invokeInto('add', [buffer, cast], { targets: [buffer] });
    cast.dispose();
  }
  variable.fresh = true;
}

export interface GradOptions {
  readonly headGradients?: NDArray | readonly (NDArray | null)[] | null;
  /** By default the same as `createGraph`. */
  readonly retainGraph?: boolean;
  /** Records the gradients themselves, so that they can be differentiated again. */
  readonly createGraph?: boolean;
}

/**
 * The gradients of `heads` with respect to `variables` as new arrays; their buffers stay as they are.
 * Zeros where a variable does not take part.
 *
 * @throws InvalidStateError for a variable that is not marked, and as `backward`.
 */
export function grad(
  heads: NDArray | readonly NDArray[],
  variables: readonly NDArray[],
  { headGradients = null, createGraph = false, retainGraph = createGraph }: GradOptions = {},
): readonly NDArray[] {
  const pairs = pairHeads(heads, headGradients);
  const wanted = variables.map((array, i) => variableOf(array) ?? notMarked(i));
  return (createGraph ? record : unrecorded)(() => {
    const gradients = differentiate(pairs.heads, pairs.gradients, (variable) => wanted.includes(variable));
    if (!retainGraph) releaseGraph(pairs.heads);
    const byVariable = new Map(
      [...gradients].map(([entry, gradient]) => [entry instanceof Variable ? entry : entry.variable, gradient]),
    );
    return wanted.map((variable, i) => byVariable.get(variable) ?? zerosLike(variables[i]));
  });
}

/** Whether backward has reached `array` since it was marked or `clearFreshGradient` (T-021, P-273, P-275). */
export function hasFreshGradient(array: NDArray): boolean {
  return variableOf(array)?.fresh ?? false;
}

export function clearFreshGradient(array: NDArray): void {
  const variable = variableOf(array);
  if (variable) variable.fresh = false;
}

/** Marks `array` with a new gradient of zeros. */
export function attachGrad(array: NDArray, req: GradReq = 'write'): void {
  const { runtime, shape, dtype, device } = array;
  markVariable(array, runtime.zeros({ shape, dtype, device }), req);
}

/** The gradient buffer of `array`; null where it is not marked. */
export function gradOf(array: NDArray): NDArray | null {
  const buffer = variableOf(array)?.buffer;
  return buffer instanceof NDArray ? buffer : (buffer?.array ?? null);
}

/** MXNet's `autograd` module. */
export const autograd = {
  record,
  pause,
  trainMode,
  predictMode,
  isRecording,
  isTraining,
  markVariable,
  unmark,
  backward,
  grad,
} as const;

function zerosLike(array: NDArray | undefined): NDArray {
  if (!array) throw new InvalidStateError('A variable is missing.');
  const { runtime, shape, dtype, device } = array;
  return runtime.zeros({ shape, dtype, device });
}

function notMarked(index: number): never {
  throw new InvalidStateError(
    `Cannot differentiate with respect to variable ${index} because it does not require gradient: mark it with attachGrad.`,
  );
}
