import type { DType } from '../../ndarray/dtype.ts';
import { elementCount, type Shape, stridesOf } from '../../ndarray/shape.ts';
import {
  PickleGlobal,
  PickleObject,
  PicklePersistent,
  PickleString,
  PickleTuple,
  type PickleValue,
} from '../pickle/values.ts';
import { argsOf } from './python-values.ts';

/** The typed storages of `torch`, by dtype; tensors of other dtypes have an untyped one and name their dtype. */
const STORAGES: ReadonlyMap<DType, string> = new Map<DType, string>([
  ['float64', 'DoubleStorage'],
  ['float32', 'FloatStorage'],
  ['float16', 'HalfStorage'],
  ['bfloat16', 'BFloat16Storage'],
  ['int64', 'LongStorage'],
  ['int32', 'IntStorage'],
  ['int16', 'ShortStorage'],
  ['int8', 'CharStorage'],
  ['uint8', 'ByteStorage'],
  ['bool', 'BoolStorage'],
  ['complex64', 'ComplexFloatStorage'],
  ['complex128', 'ComplexDoubleStorage'],
]);

/** Dtypes that came after the typed storages; torch calls them as we do. */
const UNTYPED: ReadonlySet<DType> = new Set<DType>([
  'uint16',
  'uint32',
  'uint64',
  'complex32',
  'float8_e4m3fn',
  'float8_e4m3fnuz',
  'float8_e5m2',
  'float8_e5m2fnuz',
  'float8_e8m0fnu',
]);

/** Whether torch has tensors of the dtype. */
export function torchHolds(dtype: DType): boolean {
  return STORAGES.has(dtype) || UNTYPED.has(dtype);
}

/** A tensor whose elements are a record of their own, in C order. */
export interface NewTensor {
  /** Of the record: `data/KEY`. */
  readonly key: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly nbytes: number;
  readonly location?: string;
}

/** Makes the calls that torch's own pickles rebuild tensors by; names that repeat are one node, so that they are written once. */
export class TensorNodes {
  readonly #globals = new Map<string, PickleGlobal>();
  readonly #texts = new Map<string, PickleString>();

  global(module: string, name: string): PickleGlobal {
    const id = `${module} ${name}`;
    const known = this.#globals.get(id) ?? new PickleGlobal(module, name, 0, 0);
    this.#globals.set(id, known);
    return known;
  }

  text(text: string): PickleString {
    const known = this.#texts.get(text) ?? textNode(text);
    this.#texts.set(text, known);
    return known;
  }

  orderedDict(): PickleObject {
    return call(this.global('collections', 'OrderedDict'), []);
  }

  /** `requires_grad` and the hooks as they were, or as torch writes them for a plain tensor. */
  tensor(tensor: NewTensor, requiresGrad: PickleValue = false, hooks: PickleValue = this.orderedDict()): PickleObject {
    const { dtype, shape } = tensor;
    const layout = [this.#storage(tensor), 0, tuple(shape), tuple(stridesOf(shape)), requiresGrad, hooks];
    return STORAGES.has(dtype)
      ? call(this.global('torch._utils', '_rebuild_tensor_v2'), layout)
      : call(this.global('torch._utils', '_rebuild_tensor_v3'), [...layout, this.global('torch', dtype)]);
  }

  #storage({ key, dtype, shape, nbytes, location = 'cpu' }: NewTensor): PicklePersistent {
    const typed = STORAGES.get(dtype);
    const type = typed ? this.global('torch', typed) : this.global('torch.storage', 'UntypedStorage');
    const count = typed ? elementCount(shape) : nbytes;
    return new PicklePersistent(tuple([this.text('storage'), type, textNode(key), this.text(location), count]), 0, 0);
  }

  /**
   * A tensor in place of the one that `node` rebuilds: what wraps it (a Parameter, a subclass, attributes)
   * stays around it.
   */
  replaced(node: PickleObject, tensor: NewTensor): PickleObject {
    const args = argsOf(node);
    const { qualifiedName = '' } = node;
    if (WRAPPED_TYPE.test(qualifiedName) && args[0] instanceof PickleGlobal) {
      const [callable, type, inner, ...rest] = args;
      const old = new PickleObject({ construction: 'reduce', callable: callable ?? null, args: inner ?? null }, 0, 0);
      const made = this.replaced(old, tensor);
      return withArgs(node, [made.callable, type ?? null, made.args, ...rest]);
    }
    if (WRAPPERS.test(qualifiedName) && args[0] instanceof PickleObject) {
      return withArgs(node, [this.replaced(args[0], tensor), ...args.slice(1)]);
    }
    const isStrided = /^torch\._utils\._rebuild_tensor_v[23]$/.test(qualifiedName);
    const made = isStrided ? this.tensor(tensor, args[4], args[5]) : this.tensor(tensor);
    return withArgs(node, argsOf(made), made.callable);
  }
}

const WRAPPED_TYPE = /^torch\._(?:tensor|utils)\._rebuild_from_type(?:_v2)?$/;
const WRAPPERS =
  /^torch\.(?:_utils\._rebuild_(?:parameter(?:_with_state)?|xla_tensor|device_tensor_from_\w+)|nn\.parameter\.(?:Parameter|Buffer)|autograd\.variable\.Variable)$/;

export function textNode(text: string): PickleString {
  return new PickleString(text, 'utf8', 0, { offset: 0, nbytes: Buffer.byteLength(text) });
}

function tuple(items: readonly PickleValue[]): PickleTuple {
  return new PickleTuple(items, 0, 0);
}

function call(callable: PickleGlobal, args: readonly PickleValue[]): PickleObject {
  return new PickleObject({ construction: 'reduce', callable, args: tuple(args) }, 0, 0);
}

/** The same call with other arguments; what was set on its result is set still. */
function withArgs(node: PickleObject, args: readonly PickleValue[], callable = node.callable): PickleObject {
  const { construction, kwargs, start, stop } = node;
  const made = new PickleObject({ construction, callable, args: tuple(args), kwargs }, start, stop);
  made.states = node.states;
  made.items = node.items;
  made.pairs = node.pairs;
  return made;
}
