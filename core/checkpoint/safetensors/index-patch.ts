import { jsonString } from './canonical.ts';
import type { IndexObject, SafetensorsIndex } from './index-file.ts';
import {
  applyPatches,
  memberPatches,
  type ObjectPlace,
  type Patch,
  type Punctuation,
  punctuationOf,
} from './text-patch.ts';

/** A tensor of the checkpoint to be written. */
export interface IndexTensor {
  readonly name: string;
  /** File name of the shard that holds it. */
  readonly shard: string;
  /** Its name in the index as it was; null for a tensor that is new. */
  readonly origin: string | null;
}

export interface IndexRequest {
  readonly original: SafetensorsIndex;
  readonly tensors: readonly IndexTensor[];
  /** Bytes of all tensors together: becomes `metadata.total_size`. */
  readonly totalSize: number;
  /** As `Checkpoint.metadata` gives it; `total_size` in it is overruled by `totalSize`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The text of an index after edits: renamed, moved, deleted and added tensors, metadata and total
 * size are patched in; everything else, indentation and unknown members among it, stays.
 */
export function patchIndex({ original, tensors, totalSize, metadata }: IndexRequest): Buffer {
  const patches = weightPatches(original, tensors);
  const { metadataObject } = original;
  if (metadataObject) {
    const wanted = new Map(Object.entries(metadata));
    const recorded = original.metadata.total_size;
    // A total that stays keeps its spelling: older writers give it as 169088.0.
    if (recorded !== undefined) wanted.set('total_size', Number(recorded) === totalSize ? recorded : String(totalSize));
    patches.push(...metadataPatches(original, metadataObject, wanted));
  } else if (Object.keys(metadata).length > 0) {
    patches.push(newMetadata(original, metadata));
  }
  return applyPatches(original.bytes, patches);
}

function weightPatches(original: SafetensorsIndex, tensors: readonly IndexTensor[]): Patch[] {
  const { weights, weightMap, bytes } = original;
  const byOrigin = new Map(tensors.flatMap((tensor) => (tensor.origin === null ? [] : [[tensor.origin, tensor]])));
  const style = styleOf(bytes, weights);
  const patches = weights.keys.flatMap((key, row) => {
    const tensor = byOrigin.get(key);
    if (!tensor) return [];
    const name = tensor.name === key ? [] : [{ ...weights.rows.get(row, 'key'), text: jsonString(tensor.name) }];
    const moved = tensor.shard !== weightMap.get(key);
    return moved ? [...name, { ...weights.rows.get(row, 'value'), text: jsonString(tensor.shard) }] : name;
  });
  const added = tensors.filter(({ origin }) => origin === null || !weightMap.has(origin));
  const change = {
    keep: (row: number) => byOrigin.has(weights.keys[row] ?? ''),
    first: [],
    last: added.map(({ name, shard }) => `${jsonString(name)}${style.colon}${jsonString(shard)}`),
  };
  return [...patches, ...memberPatches(placeOf(bytes, weights), change, style)];
}

function metadataPatches(
  original: SafetensorsIndex,
  object: IndexObject,
  wanted: ReadonlyMap<string, string>,
): Patch[] {
  const { bytes, metadata } = original;
  const style = styleOf(bytes, object);
  const patches = object.keys.flatMap((key, row) => {
    const text = wanted.get(key);
    if (text === undefined || text === metadata[key]) return [];
    const span = object.rows.get(row, 'value');
    const wasString = bytes[span.start] === 0x22;
    return [{ ...span, text: wasString ? jsonString(text) : jsonValue(text) }];
  });
  const known = new Set(object.keys);
  const change = {
    keep: (row: number) => wanted.has(object.keys[row] ?? ''),
    first: [],
    last: [...wanted]
      .filter(([key]) => !known.has(key))
      .map(([key, text]) => `${jsonString(key)}${style.colon}${jsonString(text)}`),
  };
  return [...patches, ...memberPatches(placeOf(bytes, object), change, style)];
}

/** A metadata object in front of the weight map, where the index had none. */
function newMetadata(original: SafetensorsIndex, metadata: Readonly<Record<string, string>>): Patch {
  const { bytes } = original;
  const open = bytes.indexOf('{') + 1;
  const object = JSON.stringify(metadata);
  const rest = bytes.toString('utf8', open, original.weights.span.start);
  const indent = /^\s*/.exec(rest)?.[0] ?? '';
  return { start: open, end: open, text: `${indent}"metadata":${object},` };
}

/** A value that was no string stays none where the new text is JSON: a number edited to another number. */
function jsonValue(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return jsonString(text);
  }
}

function placeOf(bytes: Buffer, object: IndexObject): ObjectPlace {
  return {
    bytes,
    count: object.rows.length,
    member: (row) => object.rows.get(row, 'member'),
    open: object.span.start + 1,
  };
}

function styleOf(bytes: Buffer, object: IndexObject): Punctuation {
  const place = placeOf(bytes, object);
  if (object.rows.length === 0) return punctuationOf(place, null, 0);
  return punctuationOf(place, object.rows.get(0, 'key'), object.rows.get(0, 'value').start);
}
