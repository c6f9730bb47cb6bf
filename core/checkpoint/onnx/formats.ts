import type { FormatReader } from '../format.ts';
import { readVarint } from '../protobuf/wire.ts';
import { MODEL } from './schema.ts';

const KNOWN: ReadonlySet<number> = new Set(Object.values(MODEL));
const NUMBERS: ReadonlySet<number> = new Set([MODEL.irVersion, MODEL.modelVersion]);

/** The least version is 1; 14 was the last in 2026. */
const MAX_IR_VERSION = 1000;

/**
 * Whether fields of a ModelProto stand at the beginning: the version of its format first, as every writer
 * does, then only fields that a model has, each stored as it must be, up to its graph or the end of `head`.
 */
export function looksLikeModel(head: Uint8Array): boolean {
  let at = 0;
  for (let count = 0; at < head.length; count++) {
    const tag = readVarint(head, at);
    const number = Math.floor((tag?.value ?? 0) / 8);
    const wire = (tag?.value ?? 0) % 8;
    if (!tag || !KNOWN.has(number) || wire !== (NUMBERS.has(number) ? 0 : 2)) return false;
    const value = readVarint(head, tag.stop);
    if (!value) return false;
    if (count === 0 && (number !== MODEL.irVersion || value.value < 1 || value.value > MAX_IR_VERSION)) return false;
    if (number === MODEL.graph) return true;
    if (wire === 2 && value.value < 0) return false;
    at = value.stop + (wire === 2 ? value.value : 0);
    if (count > 0 && at >= head.length) return true;
  }
  return false;
}

export const onnxFormat: FormatReader = {
  format: 'onnx',
  label: 'ONNX models',
  extensions: ['.onnx'],
  recognizes: (head) => looksLikeModel(head),
  open: async (source) => (await import('./reader.ts')).openOnnx(source),
};
