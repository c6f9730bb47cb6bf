import { formatShape } from '../../ndarray/shape.ts';
import type { ValueNode } from '../checkpoint.ts';
import {
  PickleBytes,
  PickleFloat,
  PickleGlobal,
  PickleObject,
  PickleString,
  PickleTuple,
  type PickleValue,
} from '../pickle/values.ts';
import { clippedText, itemCount } from '../value-text.ts';
import type { Members } from './members.ts';
import { arrayText, numpyScalar, objectArray } from './numpy-values.ts';
import { bytesText, floatText, pythonText } from './python-text.ts';
import { bytesNode, classNameOf } from './python-values.ts';
import type { ValuelessTensor } from './tensor.ts';

/** A value that holds no others; undefined for one that may. */
export function leafNode(key: string, value: PickleValue): ValueNode | undefined {
  if (value === null) return { key, kind: 'null', text: 'None' };
  if (typeof value === 'boolean') return { key, kind: 'boolean', text: value ? 'True' : 'False' };
  if (typeof value === 'number' || typeof value === 'bigint') return { key, kind: 'number', text: String(value) };
  if (value instanceof PickleFloat) return { key, kind: 'number', text: floatText(value.value) };
  if (value instanceof PickleString) {
    return { key, kind: 'string', text: clippedText(value.text ?? pythonText(value)) };
  }
  if (value instanceof PickleBytes) return bytesLeaf(key, value, value.mutable ? 'bytearray' : undefined);
  if (value instanceof PickleGlobal)
    return { key, kind: 'object', text: value.qualifiedName, type: value.qualifiedName };
  return value instanceof PickleObject ? objectLeaf(key, value) : undefined;
}

function bytesLeaf(key: string, value: PickleBytes | PickleString, type?: string): ValueNode {
  const bytes = value instanceof PickleBytes ? value.bytes : value.text && Buffer.from(value.text, 'latin1');
  const text = clippedText(bytes ? bytesText(bytes) : pythonText(value));
  return { key, kind: 'bytes', text, ...(type !== undefined && { type }) };
}

function objectLeaf(key: string, object: PickleObject): ValueNode | undefined {
  const scalar = numpyScalar(object);
  if (scalar) {
    const kind = scalar.dtype === 'bool' ? 'boolean' : 'number';
    return { key, kind, text: pythonText(object), type: `numpy.${scalar.dtype}` };
  }
  if (object.qualifiedName === '_codecs.encode') {
    const node = bytesNode(object);
    if (node) return bytesLeaf(key, node);
  }
  if (!objectArray(object)) {
    const array = arrayText(object);
    if (array !== undefined) return { key, kind: 'object', text: array, type: 'numpy.ndarray' };
  }
  const type = classNameOf(object) ?? '(unknown)';
  if (type !== 'numpy.dtype' && !isPlainCall(object)) return undefined;
  const kind = /^(?:builtins|__builtin__)\.complex$/.test(type) ? 'number' : 'object';
  return { key, kind, text: clippedText(pythonText(object)), type };
}

/** A call with plain arguments and nothing else says all in one line: `torch.device('cuda', 0)`. */
function isPlainCall(object: PickleObject): boolean {
  const { args, states, items, pairs, kwargs } = object;
  if (states || items || pairs || kwargs !== null || !(args instanceof PickleTuple)) return false;
  return args.items.length > 0 && args.items.every(isPlain);
}

function isPlain(value: PickleValue): boolean {
  if (value === null || typeof value !== 'object') return true;
  return value instanceof PickleFloat || value instanceof PickleString || bytesNode(value) !== undefined;
}

export function tensorText({ dtype, shape, reason }: ValuelessTensor): string {
  return `${dtype} ${formatShape(shape)}, without values: ${reason}`;
}

/** The container's own line: how much it holds. */
export function containerText(value: PickleValue, { kind, members }: Members): string {
  return kind === 'object' ? clippedText(pythonText(value)) : itemCount(members.length);
}

export function tensorCount(count: number): string {
  return `${count} tensor${count === 1 ? '' : 's'}`;
}
