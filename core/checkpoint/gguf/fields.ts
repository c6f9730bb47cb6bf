import { CheckpointFormatError, InvalidArgumentError } from '../../errors.ts';
import { HeadBytes } from './head-bytes.ts';
import type { GGUFField } from './header.ts';
import type { GGUFLayoutField } from './layout.ts';
import type { GGUFPart } from './split.ts';
import { turnValue } from './turn-value.ts';
import { encodeText, inferKind, kindOf, type ValueKind } from './value-text.ts';

export const ALIGNMENT_KEY = 'general.alignment';
export const DEFAULT_ALIGNMENT = 32;
export const ARCHITECTURE_KEY = 'general.architecture';
const QUANTIZATION_KEY = 'general.quantization_version';
/** `GGML_QNT_VERSION`: that of the blocks as they are since 2023. */
const QUANTIZATION_VERSION = '2';
/** What holds the parts of a model together. */
export const SPLIT_KEYS: ReadonlySet<string> = new Set(['split.no', 'split.count', 'split.tensors.count']);
export const TENSORS_COUNT_KEY = 'split.tensors.count';
const MAX_KEY = 65_535;

type Metadata = ReadonlyMap<string, string>;

export interface FieldsRequest {
  /** Those of the file that the new one descends from; none of a new file. */
  readonly former: readonly GGUFField[];
  /** How those that did not change are written, where they cannot stay as they stand. */
  readonly kept?: ((field: GGUFField) => GGUFLayoutField) | undefined;
  readonly metadata: Metadata;
  readonly littleEndian: boolean;
  /** The types of keys that are new. */
  readonly kindOfNew: (key: string, text: string) => ValueKind;
  /** Whether quantized tensors came in: the specification then asks for a version of their blocks. */
  readonly quantizes: boolean;
}

/** The fields of the new file: what did not change stands as it stood, in its place; new keys come behind. */
export function fieldsFor(request: FieldsRequest): GGUFLayoutField[] {
  const { former, metadata, littleEndian, kept = (field: GGUFField) => field } = request;
  const fields: GGUFLayoutField[] = [];
  for (const field of former) {
    const text = metadata.get(field.key);
    if (text === undefined) continue;
    fields.push(
      text === field.text ? kept(field) : { bytes: fieldBytes(field.key, text, { kind: kindOf(field), littleEndian }) },
    );
  }
  const known = new Set(former.map(({ key }) => key));
  for (const [key, text] of metadata) {
    if (known.has(key)) continue;
    fields.push({ bytes: fieldBytes(key, text, { kind: request.kindOfNew(key, text), littleEndian }) });
  }
  if (request.quantizes && !metadata.has(QUANTIZATION_KEY)) {
    const kind = { type: 'uint32' } as const;
    fields.push({ bytes: fieldBytes(QUANTIZATION_KEY, QUANTIZATION_VERSION, { kind, littleEndian }) });
  }
  return fields;
}

/** A key with its type and its value. @throws InvalidArgumentError where the text is no such value. */
export function fieldBytes(
  key: string,
  text: string,
  encoding: { readonly kind: ValueKind; readonly littleEndian: boolean },
): Buffer {
  if (Buffer.byteLength(key) > MAX_KEY) throw new InvalidArgumentError(`Keys of GGUF have at most ${MAX_KEY} bytes.`);
  const value = encodeText(key, text, encoding);
  return new HeadBytes(encoding.littleEndian).string(key).type(encoding.kind.type).bytes(value).finish();
}

/**
 * The types of what other formats say of themselves, all of it text: GGUF's own keys (`general.`,
 * `tokenizer.`, those of the architecture) as they look; other text stays text, so that it comes back as it was.
 */
export function kindOfForeign(metadata: Metadata): (key: string, text: string) => ValueKind {
  const own = ['general.', 'tokenizer.', `${metadata.get(ARCHITECTURE_KEY) ?? 'general'}.`];
  return (key, text) => (own.some((prefix) => key.startsWith(prefix)) ? inferKind(key, text) : { type: 'string' });
}

/** @throws InvalidArgumentError where it is no power of two. */
export function alignmentOf(metadata: Metadata): number {
  const text = metadata.get(ALIGNMENT_KEY);
  if (text === undefined) return DEFAULT_ALIGNMENT;
  const alignment = /^\d+$/.test(text) ? Number(text) : 0;
  if (alignment > 0 && alignment < 2 ** 32 && Number.isInteger(Math.log2(alignment))) return alignment;
  throw new InvalidArgumentError(`'${ALIGNMENT_KEY}' has to be a power of two, not '${text}'.`, { key: ALIGNMENT_KEY });
}

/** More than any head has; what a head holds is in memory once. */
const MAX_TURNED = 512 * 1024 * 1024;

/** The fields of a big-endian file as a little-endian one has them. */
export async function turnedFields({
  source,
  header: { fields, tensorsStart, fieldsStart },
}: GGUFPart): Promise<(field: GGUFField) => GGUFLayoutField> {
  if (tensorsStart - fieldsStart > MAX_TURNED) {
    throw new CheckpointFormatError(`${source.name}: its metadata take more than ${MAX_TURNED} bytes.`);
  }
  const turned = new Map<GGUFField, GGUFLayoutField>();
  for (const field of fields) {
    const { key, type, start, stop } = field;
    const value = turnValue(await source.read(start, stop - start), type);
    turned.set(field, { bytes: new HeadBytes(true).string(key).type(type).bytes(value).finish() });
  }
  return (field) => turned.get(field) ?? field;
}
