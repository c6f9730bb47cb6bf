import { type DType, isDType } from '../../ndarray/dtype.ts';
import {
  PickleBytes,
  PickleGlobal,
  PickleList,
  PickleObject,
  PickleString,
  PickleTuple,
  type PickleValue,
} from '../pickle/values.ts';
import { argsOf, bytesNode, integerValue, itemsOf, textOf } from './python-values.ts';
import { type ArrayPayload, type ArrayTensor, NO_FLAGS } from './tensor.ts';

export interface NumpyDType {
  readonly dtype: DType;
  readonly bigEndian: boolean;
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['i', 'int'],
  ['u', 'uint'],
  ['f', 'float'],
  ['c', 'complex'],
]);

/** `f4` with its byte order, or a type of ml_dtypes; undefined for texts, dates, objects and structures. */
export function numpyDType(value: PickleValue | undefined): NumpyDType | undefined {
  if (!(value instanceof PickleObject) || value.qualifiedName !== 'numpy.dtype') return undefined;
  const [description] = argsOf(value);
  const state = value.states?.at(-1);
  const order = state instanceof PickleTuple ? textOf(state.items[1]) : undefined;
  const dtype = dtypeNamed(description);
  return dtype && { dtype, bigEndian: order === '>' };
}

function dtypeNamed(description: PickleValue | undefined): DType | undefined {
  if (description instanceof PickleGlobal) {
    return description.module === 'ml_dtypes' && isDType(description.name) ? description.name : undefined;
  }
  const text = textOf(description) ?? '';
  if (text === 'b1' || text === '?') return 'bool';
  const kind = KINDS.get(text.charAt(0));
  const name = `${kind}${8 * Number(text.slice(1))}`;
  return kind !== undefined && isDType(name) ? name : undefined;
}

const RECONSTRUCT = /^numpy\._?core\.multiarray\._reconstruct$/;
const FROM_BUFFER = /^numpy\._?core\.numeric\._frombuffer$/;
const SCALAR = /^numpy\._?core\.multiarray\.scalar$/;

/** A numpy array of numbers; undefined for anything else. */
export function numpyArray(object: PickleObject, fail: (problem: string) => never): ArrayTensor | undefined {
  const name = object.qualifiedName ?? '';
  if (RECONSTRUCT.test(name)) {
    const state = object.states?.at(-1);
    const [, shape, dtype, fortran, data] = state instanceof PickleTuple ? state.items : [];
    return arrayOf({ shape, dtype, data, fortran: fortran === true }, fail);
  }
  if (!FROM_BUFFER.test(name)) return undefined;
  const [data, dtype, shape, order] = argsOf(object);
  return arrayOf({ shape, dtype, data, fortran: textOf(order) === 'F' }, fail);
}

/** The items of an array of Python objects, which pickles hold one by one; undefined for any other value. */
export function objectArray(object: PickleObject): readonly PickleValue[] | undefined {
  if (!RECONSTRUCT.test(object.qualifiedName ?? '')) return undefined;
  const state = object.states?.at(-1);
  const items = state instanceof PickleTuple ? state.items[4] : undefined;
  return items instanceof PickleList ? items.items : undefined;
}

/** What is said of an array that holds no numbers: `numpy.ndarray of U2, shape (3, 4)`. */
export function arrayText(object: PickleObject): string | undefined {
  if (!RECONSTRUCT.test(object.qualifiedName ?? '')) return undefined;
  const state = object.states?.at(-1);
  const [, shape, dtype] = state instanceof PickleTuple ? state.items : [];
  const element = dtype instanceof PickleObject ? textOf(argsOf(dtype)[0]) : undefined;
  return `numpy.ndarray of ${element ?? 'unknown elements'}, shape (${(itemsOf(shape) ?? []).join(', ')})`;
}

interface ArrayParts {
  readonly shape: PickleValue | undefined;
  readonly dtype: PickleValue | undefined;
  readonly data: PickleValue | undefined;
  readonly fortran: boolean;
}

function arrayOf(
  { shape, dtype, data, fortran }: ArrayParts,
  fail: (problem: string) => never,
): ArrayTensor | undefined {
  const element = numpyDType(dtype);
  const sizes = itemsOf(shape)?.map((item) => integerValue(item) ?? -1);
  const payload = payloadOf(data);
  if (!element || !payload) return undefined;
  if (!sizes || sizes.some((size) => size < 0)) return fail('the shape of a numpy array is malformed');
  return { kind: 'array', ...element, shape: sizes, fortran, payload, flags: NO_FLAGS };
}

function payloadOf(value: PickleValue | undefined): ArrayPayload | undefined {
  const node = bytesNode(value);
  if (!node || (node instanceof PickleString && node.encoding === 'escaped')) return undefined;
  const { offset, nbytes } = node;
  return { offset, nbytes, encoding: node instanceof PickleString && node.encoding === 'utf8' ? 'latin1' : 'raw' };
}

export interface NumpyScalar {
  readonly dtype: DType;
  /** Little-endian. */
  readonly bytes: Uint8Array;
}

/** `numpy.float64(1.25)`; undefined for anything else. */
export function numpyScalar(object: PickleObject): NumpyScalar | undefined {
  if (!SCALAR.test(object.qualifiedName ?? '')) return undefined;
  const [type, data] = argsOf(object);
  const element = numpyDType(type);
  const node = bytesNode(data);
  if (!element || !node) return undefined;
  const bytes = node instanceof PickleBytes ? node.bytes : node.text === null ? null : Buffer.from(node.text, 'latin1');
  if (bytes === null) return undefined;
  return { dtype: element.dtype, bytes: element.bigEndian ? bytes.toReversed() : bytes };
}

const GENERATORS = new Set(['MT19937', 'PCG64', 'PCG64DXSM', 'Philox', 'SFC64']);

/** The state of a random number generator, as `numpy.random.get_state()` gives it: its array is no weight. */
export function isRandomState(value: PickleValue): boolean {
  return value instanceof PickleTuple && GENERATORS.has(textOf(value.items[0]) ?? '');
}
