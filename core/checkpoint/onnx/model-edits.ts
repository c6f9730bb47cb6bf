import type { DType } from '../../ndarray/dtype.ts';
import type { Shape } from '../../ndarray/shape.ts';
import { bytesField, type Edit, type Piece, varintField } from '../protobuf/patch.ts';
import type { Span } from '../protobuf/wire.ts';
import { encodeVarint } from '../protobuf/wire.ts';
import { castNodeEdit, textField } from './cast-node.ts';
import { dataType, dataTypeNumber } from './data-types.ts';
import { deleteEdit, renameEdits, typeEdits, valueEdits } from './edits.ts';
import { externalEdits, inlineEdits } from './external-edits.ts';
import type { FoundTensor } from './graph.ts';
import type { OnnxModel } from './model.ts';
import { GRAPH, MODEL, STRING_ENTRY, TENSOR } from './schema.ts';

/** A tensor of the model to be written. `V` is how the writer knows its values. */
export interface OnnxTensor<V> {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly nbytes: number;
  readonly value: V;
}

/** What becomes of a tensor of the model. */
export interface TensorPlan<V> {
  readonly found: FoundTensor;
  /** What it was listed as. */
  readonly former: Pick<OnnxTensor<V>, 'name' | 'dtype' | 'shape'>;
  readonly tensor: OnnxTensor<V>;
  /**
   * Where its values go: they stay as they are, take the old ones' place `at` in the model, become
   * `raw_data`, or lie in another file, where that changes.
   */
  readonly values:
    | { readonly kind: 'kept' }
    | { readonly kind: 'over'; readonly at: Span }
    | { readonly kind: 'raw' }
    | { readonly kind: 'external'; readonly offset: number; readonly location?: string };
}

export interface ModelPlan<V> {
  readonly model: OnnxModel;
  /** Bytes of the model's file. */
  readonly size: number;
  readonly kept: readonly TensorPlan<V>[];
  readonly deleted: readonly FoundTensor[];
  readonly added: readonly OnnxTensor<V>[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** All that changes in the model's file. */
export function modelEdits<V>(plan: ModelPlan<V>): Edit<V>[] {
  const names = new Set(plan.kept.map(({ tensor }) => tensor.name));
  return [
    ...plan.kept.flatMap((tensor) => tensorEdits(tensor, names)),
    ...plan.deleted.flatMap((found) => deletionEdits<V>(found)),
    ...plan.added.map((tensor) => additionEdit(plan.model, tensor)),
    ...metadataEdits<V>(plan),
  ];
}

function tensorEdits<V>(plan: TensorPlan<V>, taken: Set<string>): Edit<V>[] {
  const { found, former, tensor, values } = plan;
  const { message } = found;
  const isCast = former.dtype !== tensor.dtype || former.shape.join() !== tensor.shape.join();
  const castName = former.dtype !== tensor.dtype && needsCast(found) ? freeName(found, plan, taken) : null;
  const edits: Edit<V>[] = [];
  if (castName !== null) {
    edits.push(...splitNameEdits<V>(found, { name: tensor.name, castName }));
    edits.push(castNodeEdit(found, { input: tensor.name, output: castName, dtype: former.dtype }));
  } else if (tensor.name !== former.name) edits.push(...renameEdits<V>(found, tensor.name));
  if (isCast)
    edits.push(...typeEdits<V>(message, tensor.dtype, tensor.shape), ...annotationEdits<V>(found, tensor.dtype));
  const piece: Piece<V> = { from: 'value', value: tensor.value, nbytes: tensor.nbytes };
  if (values.kind === 'over') edits.push({ kind: 'replace', at: values.at, pieces: [piece] });
  if (values.kind === 'raw') edits.push(...valueEdits(message, [piece]), ...inlineEdits<V>(message));
  if (values.kind === 'external') edits.push(...externalEdits<V>(message, { ...values, nbytes: tensor.nbytes }));
  return edits;
}

/** Whether nodes take the tensor that would not take it in another dtype. */
export function needsCast({ scope, value }: FoundTensor): boolean {
  return value !== '' && scope.isTyped(value);
}

function freeName<V>({ scope }: FoundTensor, { tensor, former }: TensorPlan<V>, taken: Set<string>): string {
  const type = dataType(dataTypeNumber(former.dtype) ?? 0)?.name.toLowerCase() ?? former.dtype;
  for (let n = 1; ; n++) {
    const name = `${tensor.name}_as_${type}${n === 1 ? '' : n}`;
    if (taken.has(name) || scope.root.mentions(name)) continue;
    taken.add(name);
    return name;
  }
}

/** The tensor itself and what the graph says of it are called `name`; whoever takes it takes `castName`. */
function splitNameEdits<V>(
  { message, scope, value }: FoundTensor,
  { name, castName }: { readonly name: string; readonly castName: string },
): Edit<V>[] {
  const own = new Set(scope.infosOf(value).map((info) => info.name.start));
  if (message.nameSpan) own.add(message.nameSpan.start);
  return scope.placesOf(value).map((at) => {
    const text = own.has(at.start) ? name : castName;
    return { kind: 'replace', at, pieces: [{ from: 'bytes', bytes: Buffer.from(text) }] };
  });
}

/** The graph says of the value which elements it has. */
function annotationEdits<V>({ scope, value }: FoundTensor, dtype: DType): Edit<V>[] {
  const bytes = encodeVarint(dataTypeNumber(dtype) ?? 0);
  return scope.infosOf(value).flatMap(({ elementType }) => {
    return elementType ? [{ kind: 'replace', at: elementType, pieces: [{ from: 'bytes', bytes }] } as const] : [];
  });
}

/** What the graph says of the value goes with it: an input without its default would have to be given. */
function deletionEdits<V>(found: FoundTensor): Edit<V>[] {
  const infos = found.value === '' ? [] : found.scope.infosOf(found.value);
  return [deleteEdit(found), ...infos.map(({ field }) => ({ kind: 'remove', at: field }) as const)];
}

/** A new initializer of the model's own graph. */
function additionEdit<V>({ graphs }: OnnxModel, tensor: OnnxTensor<V>): Edit<V> {
  const graph = graphs.find(({ scope }) => scope.path === 'graph');
  if (!graph) throw new TypeError('The model has no graph.');
  return { kind: 'append', at: graph.scope.span, pieces: bytesField(GRAPH.initializer, tensorFields(tensor)) };
}

/** A TensorProto. */
export function tensorFields<V>({ name, dtype, shape, nbytes, value }: OnnxTensor<V>): Piece<V>[] {
  return [
    ...shape.map((size) => varintField<V>(TENSOR.dims, size)),
    varintField<V>(TENSOR.dataType, dataTypeNumber(dtype) ?? 0),
    ...textField<V>(TENSOR.name, name),
    ...bytesField<V>(TENSOR.rawData, [{ from: 'value', value, nbytes }]),
  ];
}

/** `metadata_props`: what did not change stands as it stood; of a key that is there twice the last one counts. */
function metadataEdits<V>({ model, metadata, size }: ModelPlan<V>): Edit<V>[] {
  const last = new Map(model.properties.map((entry) => [entry.key, entry]));
  const edits = model.properties.flatMap((entry): Edit<V>[] => {
    const text = metadata.get(entry.key);
    if (text === undefined) return [{ kind: 'remove', at: entry.field }];
    if (text === entry.value || last.get(entry.key) !== entry) return [];
    const pieces: Piece<V>[] = [{ from: 'bytes', bytes: Buffer.from(text) }];
    return entry.valueSpan
      ? [{ kind: 'replace', at: entry.valueSpan, pieces }]
      : [{ kind: 'append', at: entry.message, pieces: bytesField(STRING_ENTRY.value, pieces) }];
  });
  for (const [key, text] of metadata) {
    if (last.has(key)) continue;
    edits.push({ kind: 'append', at: { start: 0, stop: size }, pieces: entryField<V>(MODEL.metadataProps, key, text) });
  }
  return edits;
}

/** A field that is a StringStringEntryProto. */
export function entryField<V>(number: number, key: string, text: string): Piece<V>[] {
  return bytesField<V>(number, [...textField<V>(STRING_ENTRY.key, key), ...textField<V>(STRING_ENTRY.value, text)]);
}
