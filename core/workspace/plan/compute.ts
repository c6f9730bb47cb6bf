import { InvalidArgumentError, ShapeMismatchError, UnsupportedDTypeError } from '../../errors.ts';
import { dtypeInfo } from '../../ndarray/dtype.ts';
import { type LazyTensor, resultDType } from '../../ndarray/lazy-tensor.ts';
import { elementCount, formatShape, type Shape, stridesOf } from '../../ndarray/shape.ts';
import type { EditOf, TensorSourceName } from '../edits.ts';
import type { DocumentState } from '../state/document-state.ts';
import { type TensorChange, type TensorState, withStep } from '../state/tensor-state.ts';
import { sourceValue } from './copy.ts';
import { checkUnpacked } from './elementwise.ts';
import { derivedValue, withOwnValue } from './own-values.ts';
import { type Operand, parseExpression, THIS } from './parse-expression.ts';
import type { PlanContext } from './plan-context.ts';
import { type PlannedEdit, tensorsLabel } from './planned-edit.ts';
import { selectTensors } from './select.ts';

/** Stands for the name of each selected tensor. */
const PLACEHOLDER = '{name}';

/** Each selected tensor becomes what the expression makes of it, in float64, rounded once to its dtype. */
export async function planCompute(
  state: DocumentState,
  edit: EditOf<'compute'>,
  context: PlanContext,
): Promise<PlannedEdit> {
  const tensors = selectTensors(state, edit.select);
  const label = `Set ${tensorsLabel(tensors.map(({ name }) => name))} to ${edit.expression}`;
  let sources = edit.sources;
  const changes: TensorChange[] = [];
  for (const before of tensors) {
    const planned = await computed(state, before, { ...edit, sources, context });
    sources = planned.sources;
    const { lazy } = planned;
    const after = withStep(withOwnValue(state, before, { lazy, label }), { kind: 'cast', dtype: before.dtype }, label);
    changes.push({ before, after: { ...after, steps: after.steps && { ...after.steps, previous: null } } });
  }
  const change = { tensors: changes, metadata: null };
  return { label, tensors: changes.length, change, edit: { ...edit, sources } };
}

type Sources = EditOf<'compute'>['sources'];

async function computed(
  state: DocumentState,
  before: TensorState,
  edit: EditOf<'compute'> & { readonly context: PlanContext },
): Promise<{ readonly lazy: LazyTensor; readonly sources: Sources }> {
  checkUnpacked(before);
  checkReal(before.name, state.lazy(before.id));
  const operands: Operand[] = [];
  const expression = parseExpression(edit.expression, (operand) => {
    const known = operands.findIndex((other) => JSON.stringify(other) === JSON.stringify(operand));
    return known >= 0 ? known : operands.push(operand) - 1;
  });
  const sources = { ...edit.sources };
  const values: LazyTensor[] = [];
  for (const operand of operands) {
    const { lazy, recorded } = await operandValue(state, { operand, tensor: before, sources, context: edit.context });
    if (operand.kind === 'alias' && recorded) sources[operand.alias] = recorded;
    values.push(lazy);
  }
  const shape = broadcast([state.entry(before.id).shape, ...values.map((value) => value.shape)], before.name);
  const fitted = values.map((value) => broadcastTo(state, value, shape));
  const derivation = { kind: 'arithmetic', expression } as const;
  return { lazy: derivedValue(state, { dtype: 'float64', shape, derived: { derivation, sources: fitted } }), sources };
}

interface OperandRequest {
  readonly operand: Operand;
  readonly tensor: TensorState;
  readonly sources: Sources;
  readonly context: PlanContext;
}

async function operandValue(
  state: DocumentState,
  { operand, tensor, sources, context }: OperandRequest,
): Promise<{ readonly lazy: LazyTensor; readonly recorded?: TensorSourceName }> {
  const named = (text: string): string => text.replaceAll(PLACEHOLDER, tensor.name);
  switch (operand.kind) {
    case 'this':
      return { lazy: state.lazy(tensor.id) };
    case 'tensor': {
      const other = state.byName(named(operand.name));
      checkUnpacked(other);
      const lazy = state.lazy(other.id);
      checkReal(other.name, lazy);
      return { lazy };
    }
    case 'alias': {
      const given = Object.hasOwn(sources, operand.alias) ? sources[operand.alias] : undefined;
      if (!given) {
        throw new InvalidArgumentError(
          `Nothing is called ${operand.alias} here: ${THIS} is the tensor itself, and names of others stand in quotes.`,
          { expression: operand.alias },
        );
      }
      const { lazy, source } = await sourceValue(state, { ...given, tensor: named(given.tensor) }, context);
      checkReal(source.tensor, lazy);
      return { lazy, recorded: { ...source, tensor: given.tensor } };
    }
  }
}

function checkReal(name: string, lazy: LazyTensor): void {
  const dtype = resultDType(lazy);
  if (dtypeInfo(dtype).kind !== 'complex') return;
  throw new UnsupportedDTypeError(`Tensor '${name}' is ${dtype}: expressions are worked out over real numbers.`, {
    name,
    dtype,
  });
}

/** NumPy's rule. Throws `ShapeMismatchError`. */
function broadcast(shapes: readonly Shape[], name: string): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const size = sizes.find((candidate) => candidate !== 1) ?? 1;
    if (sizes.every((candidate) => candidate === 1 || candidate === size)) return size;
    throw new ShapeMismatchError(
      `The shapes ${shapes.map(formatShape).join(', ')} in the expression for '${name}' do not broadcast to one.`,
    );
  });
}

/** Single elements stay as they are: the evaluation reads them once. */
function broadcastTo(state: DocumentState, source: LazyTensor, shape: Shape): LazyTensor {
  if (elementCount(source.shape) === 1 || source.shape.join() === shape.join()) return source;
  const lead = shape.length - source.shape.length;
  const strides = stridesOf(source.shape);
  const view = {
    kind: 'view',
    start: 0,
    strides: shape.map((_, axis) => (source.shape[axis - lead] === 1 ? 0 : (strides[axis - lead] ?? 0))),
  } as const;
  return derivedValue(state, { dtype: resultDType(source), shape, derived: { derivation: view, sources: [source] } });
}
