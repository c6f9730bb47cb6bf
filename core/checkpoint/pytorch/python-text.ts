import { decodeScalar } from '../../ndarray/scalar.ts';
import {
  PickleBuffer,
  PickleBytes,
  PickleDict,
  PickleExtension,
  PickleFloat,
  PickleGlobal,
  PickleList,
  type PickleObject,
  PicklePersistent,
  PickleSet,
  PickleString,
  PickleTuple,
  type PickleValue,
} from '../pickle/values.ts';
import { itemCount } from '../value-text.ts';
import { numpyScalar } from './numpy-values.ts';
import { argsOf, bytesNode, classNameOf, realValue } from './python-values.ts';

/** How deep the arguments of a call are spelled out. */
const MAX_DEPTH = 4;
const MAX_ITEMS = 16;
/** As many characters as a value node shows; cut there by its maker. */
const MAX_LITERAL = 5000;

/** A number as Python writes it: `1.0`, `1e-08`, `nan`. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  if (Number.isInteger(value) && !text.includes('e')) return `${text}.0`;
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** A value in one line, as Python's `repr` has it, cut where it is long. */
export function pythonText(value: PickleValue, depth = 0): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (value instanceof PickleFloat) return floatText(value.value);
  if (value instanceof PickleString) return value.text === null ? longText('characters', value) : quoted(value.text);
  if (value instanceof PickleBytes) return value.bytes === null ? longText('bytes', value) : bytesText(value.bytes);
  if (value instanceof PickleGlobal) return value.qualifiedName;
  if (value instanceof PickleExtension) return `copyreg extension ${value.code}`;
  if (value instanceof PickleBuffer) return `buffer ${value.index} outside the file`;
  if (value instanceof PicklePersistent) return `persistent object ${pythonText(value.id, depth + 1)}`;
  return depth >= MAX_DEPTH ? '…' : containerText(value, depth + 1);
}

function containerText(value: PickleTuple | PickleList | PickleDict | PickleSet | PickleObject, depth: number): string {
  if (value instanceof PickleTuple) return `(${listed(value.items, depth)}${value.items.length === 1 ? ',' : ''})`;
  if (value instanceof PickleList) return `[${listed(value.items, depth)}]`;
  if (value instanceof PickleDict) return `{${pairsText(value.pairs, depth)}}`;
  if (value instanceof PickleSet) {
    const items = `{${listed(value.items, depth)}}`;
    return value.frozen ? `frozenset(${items})` : items;
  }
  const bytes = bytesNode(value);
  if (bytes instanceof PickleString && bytes.text !== null) return bytesText(Buffer.from(bytes.text, 'latin1'));
  return (
    scalarText(value) ?? complexText(value) ?? `${classNameOf(value) ?? '(unknown)'}(${listed(argsOf(value), depth)})`
  );
}

function scalarText(object: PickleObject): string | undefined {
  const scalar = numpyScalar(object);
  if (!scalar) return undefined;
  const value = decodeScalar(scalar.bytes, 0, scalar.dtype);
  if (typeof value === 'object') return `${floatText(value[0])}${value[1] < 0 ? '' : '+'}${floatText(value[1])}j`;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return scalar.dtype.includes('float') ? floatText(Number(value)) : String(value);
}

/** `(1+2j)`. */
function complexText(object: PickleObject): string | undefined {
  if (!/^(?:builtins|__builtin__)\.complex$/.test(object.qualifiedName ?? '')) return undefined;
  const [real = 0, imaginary = 0] = argsOf(object).map((part) => realValue(part) ?? Number.NaN);
  return `(${String(real)}${imaginary < 0 ? '' : '+'}${String(imaginary)}j)`;
}

function listed(items: readonly PickleValue[], depth: number): string {
  const shown = items.slice(0, MAX_ITEMS).map((item) => pythonText(item, depth));
  if (items.length > MAX_ITEMS) shown.push(`… ${itemCount(items.length - MAX_ITEMS)} more`);
  return shown.join(', ');
}

function pairsText(pairs: readonly PickleValue[], depth: number): string {
  const shown: string[] = [];
  for (let at = 0; at + 1 < pairs.length && shown.length < MAX_ITEMS; at += 2) {
    shown.push(`${pythonText(pairs[at] ?? null, depth)}: ${pythonText(pairs[at + 1] ?? null, depth)}`);
  }
  const more = pairs.length / 2 - shown.length;
  if (more > 0) shown.push(`… ${itemCount(more)} more`);
  return shown.join(', ');
}

function longText(unit: string, { nbytes, offset }: { readonly nbytes: number; readonly offset: number }): string {
  return `${nbytes} bytes of ${unit === 'bytes' ? 'data' : 'text'} at byte ${offset} of the pickle`;
}

function quoted(text: string): string {
  return `'${text.slice(0, MAX_LITERAL).replace(/['\\]/g, '\\$&').replaceAll('\n', '\\n')}'`;
}

/** `b'\x00\xff'`. */
export function bytesText(bytes: Uint8Array): string {
  const text = Array.from(bytes.subarray(0, MAX_LITERAL), byteText).join('');
  return `b'${text}'`;
}

function byteText(byte: number): string {
  if (byte === 0x27 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** What a key of a dict is called in the names of tensors. */
export function keyText(key: PickleValue): string {
  return key instanceof PickleString && key.text !== null ? key.text : pythonText(key);
}
