import type { Device } from '../device/device.ts';
import type { NDArray } from '../device/nd-array.ts';
import { DeviceMismatchError, InvalidArgumentError, InvalidStateError } from '../errors.ts';
import { applyOperator } from './apply.ts';
import { backward } from './autograd.ts';
import { predictMode, record, unrecorded } from './autograd-state.ts';
import { type GraphNode, topologicalOrder } from './graph.ts';
import { inferGraphDTypes, inferGraphShapes } from './graph-inference.ts';
import { type GradReq, markVariable } from './tape.ts';
import { tidy } from './tidy.ts';

export interface BindOptions {
  /** A buffer for the gradient of each argument whose gradient is wanted. */
  readonly gradArgs?: Readonly<Record<string, NDArray>>;
  /** What backward does with them: the same for all, or by argument. */
  readonly gradReq?: GradReq | Readonly<Record<string, GradReq>>;
}

interface Binding {
  readonly device: Device;
  readonly args: Readonly<Record<string, NDArray>>;
  readonly options: BindOptions;
}

/** A graph over arrays. The arrays stay the caller's: what is written into them shows in the next forward. */
export class Executor {
  readonly #order: readonly GraphNode[];
  readonly #head: GraphNode;
  /** Handles of its own over the caller's memory, so that marks here do not meet marks there. */
  readonly #args: ReadonlyMap<string, NDArray>;
  #output: NDArray | null = null;

  /** @internal Use `Symbol.bind`. */
  constructor(head: GraphNode, { device, args, options }: Binding) {
    this.#head = head;
    this.#order = topologicalOrder(head);
    const arrays = this.#order.flatMap((node) =>
      node.kind === 'variable' ? [argumentFor(node.name, args, device)] : [],
    );
    assertCompatible(head, args);
    this.#args = new Map(arrays.map(([name, array]) => [name, array.detach()]));
    for (const [name, buffer] of Object.entries(options.gradArgs ?? {})) {
      const array = this.#args.get(name);
      if (array) markVariable(array, buffer, reqFor(name, options.gradReq));
    }
  }

  /**
   * Computes the output from what the arguments hold now. With `isTrain`, layers act as in training
   * and `backward` can follow. The output is the caller's, to be left as it is until then.
   */
  forward({ isTrain = false }: { readonly isTrain?: boolean } = {}): NDArray {
    const output = isTrain ? record(() => this.#compute()) : unrecorded(() => predictMode(() => this.#compute()));
    this.#output = isTrain ? output : null;
    return output;
  }

  /** Enqueues the gradients of the last output into the buffers. @throws InvalidStateError without a forward for training. */
  backward(headGradient: NDArray | null = null): void {
    if (!this.#output) throw new InvalidStateError('backward needs a forward with isTrain before it, one for each.');
    backward(this.#output, headGradient);
    this.#output = null;
  }

  #compute(): NDArray {
    return tidy(() => {
      const values = new Map<GraphNode, NDArray>();
      for (const node of this.#order) values.set(node, this.#valueOf(node, values));
      const output = values.get(this.#head);
      if (!output) throw new InvalidStateError('The graph has no output.');
      return this.#head.kind === 'variable' ? applyOperator('identity', [output]) : output;
    });
  }

  #valueOf(node: GraphNode, values: ReadonlyMap<GraphNode, NDArray>): NDArray {
    if (node.kind === 'variable') return this.#args.get(node.name) ?? missing(node.name);
    const inputs = node.inputs.map((input) => values.get(input) ?? missing(input.name));
    return applyOperator(node.definition.name, inputs, node.attributes);
  }
}

function argumentFor(
  name: string,
  args: Readonly<Record<string, NDArray>>,
  device: Device,
): readonly [string, NDArray] {
  const array = args[name] ?? missing(name);
  if (array.device.equals(device)) return [name, array];
  throw new DeviceMismatchError(`The argument '${name}' is on ${array.device}, but the symbol is bound to ${device}.`);
}

/** @throws ShapeMismatchError, DTypeMismatchError before anything is computed. */
function assertCompatible(head: GraphNode, args: Readonly<Record<string, NDArray>>): void {
  const entries = Object.entries(args);
  inferGraphShapes(head, Object.fromEntries(entries.map(([name, array]) => [name, array.shape])));
  inferGraphDTypes(head, Object.fromEntries(entries.map(([name, array]) => [name, array.dtype])));
}

function reqFor(name: string, reqs: BindOptions['gradReq'] = 'write'): GradReq {
  return typeof reqs === 'string' ? reqs : (reqs[name] ?? 'null');
}

function missing(name: string): never {
  throw new InvalidArgumentError(`The argument '${name}' is missing.`);
}
