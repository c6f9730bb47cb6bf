import type { NDArray } from '../device/nd-array.ts';
import type { Attributes } from '../device/protocol.ts';
import { InvalidArgumentError, InvalidStateError } from '../errors.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { Shape } from '../ndarray/shape.ts';
import type { GradientContext, OperatorDefinition } from './operators/registry.ts';

/** What backward does with a variable's gradient: overwrite it, add to it, or nothing. */
export type GradReq = 'write' | 'add' | 'null';

/** Takes gradients that are not kept densely: a row_sparse buffer is one. Both must enqueue their work at once. */
export interface GradientBuffer {
  /** What `NDArray.grad` shows of it. */
  readonly array?: NDArray;
  write(gradient: NDArray): void;
  add(gradient: NDArray): void;
}

/** An array whose gradient is wanted, and where it goes. */
export class Variable {
  buffer: NDArray | GradientBuffer;
  req: GradReq;
  /** Whether backward has reached it since it was marked or the flag was cleared (T-021, P-273, P-275). */
  fresh = false;

  constructor(buffer: NDArray | GradientBuffer, req: GradReq) {
    this.buffer = buffer;
    this.req = req;
  }
}

/** Where an array comes from: a variable, or an operator that was recorded. */
export type TapeEntry = Variable | TapeNode;

/**
 * Graphs hang together by references from results to what they were made of: when nobody holds a
 * result any more, its graph and all that it saved is collected with it.
 */
const entries = new WeakMap<NDArray, TapeEntry>();

let lastNode = 0;

/** One recorded operator. It holds on to the values that its gradient needs by handles of its own. */
export class TapeNode {
  /** Ascending in the order of recording: an operator's inputs have lower numbers. */
  readonly id = ++lastNode;
  readonly definition: OperatorDefinition;
  readonly attributes: Attributes;
  readonly sources: readonly (TapeEntry | null)[];
  /** Where the result itself was marked. */
  variable: Variable | null = null;
  readonly #shapes: readonly Shape[];
  readonly #dtypes: readonly DType[];
  #savedInputs: readonly NDArray[] | null = null;
  #savedOutput: NDArray | null = null;
  #released = false;

  constructor(call: RecordedCall) {
    const { definition, attributes, inputs, output } = call;
    this.definition = definition;
    this.attributes = attributes;
    this.sources = inputs.map((input) => entryOf(input));
    this.#shapes = inputs.map((input) => input.shape);
    this.#dtypes = inputs.map((input) => input.dtype);
    const { saves = 'nothing' } = definition;
    if (saves === 'inputs' || saves === 'both') this.#savedInputs = inputs.map((input) => save(input, entryOf(input)));
    if (saves === 'output' || saves === 'both') this.#savedOutput = save(output, this);
  }

  get released(): boolean {
    return this.#released;
  }

  /** @throws InvalidStateError for values that the definition did not ask to save. */
  context(head: NDArray, needs: (source: TapeEntry) => boolean): GradientContext {
    const { name } = this.definition;
    return {
      attributes: this.attributes,
      head,
      inputCount: this.sources.length,
      needs: (index) => {
        const source = this.sources[index];
        return source ? needs(source) : false;
      },
      input: (index) => at(this.#savedInputs ?? [], index, name),
      output: () => at(this.#savedOutput ? [this.#savedOutput] : [], 0, name),
      inputShape: (index) => at(this.#shapes, index, name),
      inputDType: (index) => at(this.#dtypes, index, name),
    };
  }

  /** Frees what was saved; the node cannot be differentiated any more. */
  release(): void {
    for (const array of this.#savedInputs ?? []) array.dispose();
    this.#savedOutput?.dispose();
    this.#savedInputs = null;
    this.#savedOutput = null;
    this.#released = true;
  }
}

interface RecordedCall {
  readonly definition: OperatorDefinition;
  readonly attributes: Attributes;
  readonly inputs: readonly NDArray[];
  readonly output: NDArray;
}

export function entryOf(array: NDArray): TapeEntry | null {
  return entries.get(array) ?? null;
}

/** Puts an operator on the tape, where one of its inputs is on it. */
export function recordCall(call: RecordedCall): void {
  if (call.inputs.some((input) => entries.has(input))) entries.set(call.output, new TapeNode(call));
}

/**
 * Backward puts the gradient of `array` into `buffer` by `req` from now on. Marking again replaces
 * buffer and req, and the gradient counts as stale (P-275). The result of an operator can be marked once.
 *
 * @throws InvalidArgumentError where an array's gradient would have another shape or device.
 * @throws InvalidStateError for a result that is marked already.
 */
export function markVariable(array: NDArray, buffer: NDArray | GradientBuffer, req: GradReq): void {
  assertFits(array, buffer);
  const entry = entries.get(array);
  if (entry instanceof TapeNode) {
    if (entry.variable) throw new InvalidStateError('The result of an operator can be marked only once.');
    entry.variable = new Variable(buffer, req);
  } else if (entry) {
    entry.buffer = buffer;
    entry.req = req;
    entry.fresh = false;
  } else {
    entries.set(array, new Variable(buffer, req));
  }
}

/** Backward passes `array` over from now on; nothing to do where it is not marked. */
export function unmark(array: NDArray): void {
  const entry = entries.get(array);
  if (entry instanceof TapeNode) {
    entry.variable = null;
  } else if (entry) {
    // Graphs that were recorded before still hold the variable.
    entry.req = 'null';
    entries.delete(array);
  }
}

/** The variable that `array` is marked as. */
export function variableOf(array: NDArray): Variable | null {
  const entry = entries.get(array);
  return entry instanceof TapeNode ? entry.variable : (entry ?? null);
}

/** True where `array` was computed by recorded operators: writing into it would falsify the graph. */
export function isRecordedResult(array: NDArray): boolean {
  return entries.get(array) instanceof TapeNode;
}

function save(array: NDArray, entry: TapeEntry | null): NDArray {
  const saved = array.detach();
  // Gradients of gradients are recorded from what was saved.
  if (entry) entries.set(saved, entry);
  return saved;
}

function at<T>(values: readonly T[], index: number, name: string): T {
  const value = values[index];
  if (value === undefined) throw new InvalidStateError(`The gradient of ${name} asks for a value that was not saved.`);
  return value;
}

function assertFits(array: NDArray, buffer: NDArray | GradientBuffer): void {
  if (!('device' in buffer)) return;
  const sameShape =
    array.shape.length === buffer.shape.length && array.shape.every((size, i) => size === buffer.shape[i]);
  if (sameShape && array.device.equals(buffer.device)) return;
  throw new InvalidArgumentError(
    `The gradient of an array of shape (${array.shape}) on ${array.device} cannot be kept in one of shape (${buffer.shape}) on ${buffer.device}.`,
  );
}
