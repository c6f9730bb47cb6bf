import { malformed } from '../pickle/fail.ts';
import { PickleGlobal, PickleObject, PicklePersistent, type PickleValue } from '../pickle/values.ts';
import { numpyArray } from './numpy-values.ts';
import { argsOf, globalName, pairsOf, valueOfKey } from './python-values.ts';
import type { RebuildContext } from './rebuild-context.ts';
import { REBUILDERS } from './rebuilders.ts';
import { storageReference } from './storage-reference.ts';
import { NO_FLAGS, type TensorFlags, type TensorValue } from './tensor.ts';

/** A parameter of a subclass of a quantized tensor has four. */
const MAX_NESTING = 16;

/**
 * Understands the calls that torch's own pickles make to rebuild tensors (torch/_utils.py), and numpy's for
 * arrays: an allow-list. Nothing is called; what is not on the list is no tensor.
 */
export class TensorRebuilder {
  /** For messages. */
  readonly #name: string;
  readonly #known = new Map<PickleObject, TensorValue | undefined>();

  constructor(name: string) {
    this.#name = name;
  }

  /** @throws CheckpointFormatError where it should be a tensor and is malformed. */
  tensorOf(value: PickleValue | undefined, depth = 0): TensorValue | undefined {
    if (value instanceof PicklePersistent) return this.#storage(value);
    if (!(value instanceof PickleObject)) return undefined;
    const known = this.#known.get(value);
    if (known || this.#known.has(value)) return known;
    const tensor = this.#rebuild(value, depth);
    this.#known.set(value, tensor);
    return tensor;
  }

  /** A storage that was saved by itself: a vector of its elements. */
  #storage(reference: PicklePersistent): TensorValue | undefined {
    const fail = (problem: string): never => malformed({ name: this.#name, offset: reference.start }, problem);
    const storage = storageReference(reference, fail);
    if (!storage) return undefined;
    const { dtype, size } = storage;
    return { kind: 'strided', view: { storage, dtype, shape: [size], strides: [1], start: 0 }, flags: NO_FLAGS };
  }

  #rebuild(object: PickleObject, depth: number): TensorValue | undefined {
    const fail = (problem: string): never => malformed({ name: this.#name, offset: object.start }, problem);
    if (depth > MAX_NESTING) return fail('a tensor is wrapped in too many others');
    const context: RebuildContext = {
      fail,
      tensor: (value) => this.tensorOf(value, depth + 1),
      storage: (value) => storageReference(value, fail),
    };
    const tensor = this.#call(globalName(object.callable), argsOf(object), context) ?? numpyArray(object, fail);
    if (!tensor || !object.states || !('flags' in tensor) || tensor.kind === 'array') return tensor;
    return { ...tensor, flags: { ...tensor.flags, attributes: [...tensor.flags.attributes, ...object.states] } };
  }

  #call(name: string | undefined, args: readonly PickleValue[], context: RebuildContext): TensorValue | undefined {
    if (name === undefined) return undefined;
    if (name === 'torch._tensor._rebuild_from_type_v2' || name === 'torch._utils._rebuild_from_type_v2') {
      return this.#ofType(args, context);
    }
    if (name === 'torch._tensor._rebuild_from_type') return this.#ofType(args, context);
    return REBUILDERS.get(name)?.(args, context);
  }

  /** `(function, class, arguments, attributes)`: a subclass, or a tensor with attributes of its own. */
  #ofType(args: readonly PickleValue[], context: RebuildContext): TensorValue | undefined {
    const [callable, type, inner, state] = args;
    if (!(callable instanceof PickleGlobal)) return undefined;
    const parts = new PickleObject({ construction: 'reduce', callable, args: inner ?? null }, 0, 0);
    const name = callable.qualifiedName;
    if (name.includes('_rebuild_from_type')) return context.fail('a tensor is wrapped in its own kind');
    const tensor = this.#call(name, argsOf(parts), context);
    if (!tensor || !('flags' in tensor)) return tensor;
    return { ...tensor, flags: typedFlags(tensor.flags, globalName(type), state) };
  }
}

const PLAIN_CLASSES = new Set(['torch.Tensor', 'torch.nn.parameter.Parameter', 'torch._tensor.Tensor']);

function typedFlags(flags: TensorFlags, type: string | undefined, state: PickleValue | undefined): TensorFlags {
  const pairs = pairsOf(state);
  const isBuffer = pairs !== undefined && valueOfKey(pairs, '_is_buffer') === true;
  return {
    ...flags,
    parameter: flags.parameter || type === 'torch.nn.parameter.Parameter',
    subclass: type === undefined || PLAIN_CLASSES.has(type) ? flags.subclass : type,
    attributes: state === undefined || state === null || isBuffer ? flags.attributes : [...flags.attributes, state],
  };
}
