import { canCast } from '../../checkpoint/onnx/cast-node.ts';
import { dataTypeNumber } from '../../checkpoint/onnx/data-types.ts';
import type { FoundTensor } from '../../checkpoint/onnx/graph.ts';
import { needsCast } from '../../checkpoint/onnx/model-edits.ts';
import type { OnnxCheckpoint } from '../../checkpoint/onnx/reader.ts';
import { UnsupportedEditError } from '../../errors.ts';
import type { DType } from '../../ndarray/dtype.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { Change, TensorChange, TensorState } from '../state/tensor-state.ts';
import { foundTensors } from './onnx-content.ts';

/** Why a model's graph does not allow a change of its tensors, as a sentence; null where it does. */
export function onnxObjection(checkpoint: OnnxCheckpoint, state: DocumentState, { tensors }: Change): string | null {
  const graph = new GraphRules(checkpoint, state, tensors);
  for (const { before, after } of tensors) {
    const reason = graph.objection(before, after);
    if (reason !== null) return reason;
  }
  return null;
}

/**
 * Edits that were not asked about one by one are judged together, before anything is written.
 *
 * @throws UnsupportedEditError where the graph does not allow what they come to.
 */
export function checkGraph(checkpoint: OnnxCheckpoint, state: DocumentState): void {
  const now = new Map([...state.tensors()].map((tensor) => [tensor.id, tensor]));
  const tensors: TensorChange[] = [];
  for (const [name, id] of state.storedNames()) {
    const stored = state.stored(id);
    const after = now.get(id) ?? null;
    now.delete(id);
    const isSame = after?.name === name && after.steps === null && after.value === null;
    if (stored && !isSame) tensors.push({ before: { id, name, dtype: stored.dtype, value: null, steps: null }, after });
  }
  for (const after of now.values()) tensors.push({ before: null, after });
  const reason = onnxObjection(checkpoint, state, { tensors, metadata: null });
  if (reason !== null) throw new UnsupportedEditError(reason);
}

class GraphRules {
  readonly #checkpoint: OnnxCheckpoint;
  readonly #state: DocumentState;
  readonly #founds: ReturnType<typeof foundTensors>;
  /** The tensors of `state` that the change concerns, by id, as it leaves them. */
  readonly #changed: ReadonlyMap<number, TensorState | null>;

  constructor(checkpoint: OnnxCheckpoint, state: DocumentState, change: readonly TensorChange[]) {
    this.#checkpoint = checkpoint;
    this.#state = state;
    this.#changed = new Map(change.flatMap(({ before, after }) => (before ? [[before.id, after]] : [])));
    this.#founds = foundTensors(checkpoint);
  }

  objection(before: TensorState | null, after: TensorState | null): string | null {
    const id = after?.id ?? before?.id ?? -1;
    const stored = this.#state.stored(id);
    const found = stored && this.#founds.get(stored);
    if (after === null) return found && before ? this.#toDeleting(before.name, found) : null;
    if (dataTypeNumber(after.dtype) === undefined) return `ONNX cannot store ${after.dtype} ('${after.name}').`;
    if (!found) return this.#checkpoint.model.graph ? this.#toName(after, null) : 'The model has no graph to add to.';
    if (found.sparse && after.steps !== null) {
      return `'${after.name}' is stored as its few values and their positions, which cannot be edited.`;
    }
    const renamed = after.name === before?.name ? null : this.#toName(after, found);
    const shape = (after.value?.entry ?? stored).shape;
    return (
      renamed ??
      toType(after, { found, from: stored.dtype, reshaped: shape.join() !== stored.shape.join(), opset: this.#opset })
    );
  }

  get #opset(): number {
    return this.#checkpoint.model.facts.opset['ai.onnx'] ?? 0;
  }

  /** Training graphs name tensors of the model's own graph by rules of their own. */
  get #trains(): boolean {
    return this.#checkpoint.model.graphs.some(({ scope }) => scope.path.startsWith('training_info'));
  }

  #toDeleting(name: string, { scope, value, where }: FoundTensor): string | null {
    if (!/initializer$/.test(where)) return `'${name}' is a part of a node (${where}), which cannot be without it.`;
    const users = scope.usersOf(value);
    if (users.length > 0) return `'${name}' cannot be deleted: ${users.join(', ')} in the graph takes it.`;
    const holder = scope.holderOf(value);
    if (holder !== undefined) return `'${name}' cannot be deleted: ${holder} names it.`;
    return this.#trains ? `'${name}' cannot be deleted: the model's training information may name it.` : null;
  }

  /** Every value of a model has a name of its own, whatever graph it is in. */
  #toName({ id, name }: TensorState, found: FoundTensor | null): string | null {
    if (name === '') return 'Tensors of ONNX models have names.';
    if (found?.value === '') return null;
    if (this.#trains && found)
      return `'${found.value}' cannot be renamed: the model's training information may name it.`;
    const scopes = found ? [found.scope.root] : this.#checkpoint.model.graphs.map(({ scope }) => scope);
    if (name === found?.value || !scopes.some((scope) => scope.mentions(name)) || this.#hasGivenUp(name, id))
      return null;
    return `The graph has another value that is called '${name}'.`;
  }

  /** Whether no other tensor bears the name once the change is made. */
  #isFree(name: string, id: number): boolean {
    if (!this.#state.has(name)) return true;
    const bearer = this.#state.byName(name).id;
    const isKept = !this.#changed.has(bearer) || this.#changed.get(bearer)?.name === name;
    return bearer === id || !isKept;
  }

  /** Whether the only tensor that had the name in the file is called otherwise by now. */
  #hasGivenUp(name: string, id: number): boolean {
    const former = [...this.#founds].filter(([, found]) => found.value === name);
    const [holder] = former;
    return (
      former.length === 1 && holder !== undefined && this.#isFree(name, id) && this.#state.stored(id) !== holder[0]
    );
  }
}

interface Retyped {
  readonly found: FoundTensor;
  readonly from: DType;
  readonly reshaped: boolean;
  readonly opset: number;
}

/** Nodes that take a tensor expect its dtype and shape: a Cast in front of them can restore the dtype. */
function toType({ name, dtype }: TensorState, { found, from, reshaped, opset }: Retyped): string | null {
  if (dtype === from && !reshaped) return null;
  const { scope, value, where } = found;
  if (value === '') return `'${name}' is a part of a node (${where}), whose results follow its dtype and shape.`;
  const holder = scope.holderOf(value);
  if (holder !== undefined) return `'${name}' keeps its dtype and shape: ${holder} names it.`;
  const users = scope.usersOf(value);
  if (reshaped && users.length > 0)
    return `'${name}' keeps its shape: ${users.join(', ')} in the graph takes it as it is.`;
  if (dtype === from || !needsCast(found)) return null;
  if (!/initializer$/.test(where))
    return `'${name}' is the result of a node, which ${users.join(', ')} takes as ${from}.`;
  if (canCast(dtype, from, opset)) return null;
  return `'${name}' cannot become ${dtype}: ${users.join(', ')} in the graph takes it as ${from}, and operators of version ${opset} cannot cast between the two.`;
}
