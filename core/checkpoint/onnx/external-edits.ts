import { bytesField, type Edit, type Piece } from '../protobuf/patch.ts';
import { textField } from './cast-node.ts';
import { STRING_ENTRY, TENSOR } from './schema.ts';
import type { TensorMessage } from './tensor-message.ts';

export interface ExternalPlace {
  readonly offset: number;
  readonly nbytes: number;
  /** Where it changes: relative to the folder of the model. */
  readonly location?: string;
}

/** A model's words about external data whose place or values changed; a checksum of the old ones goes. */
export function externalEdits<V>(message: TensorMessage, { offset, nbytes, location }: ExternalPlace): Edit<V>[] {
  const edits: Edit<V>[] = [];
  const say = (key: string, text: string): void => {
    const entry = message.external.find((known) => known.key === key);
    if (entry?.value === text) return;
    const pieces: Piece<V>[] = [{ from: 'bytes', bytes: Buffer.from(text) }];
    if (entry?.valueSpan) edits.push({ kind: 'replace', at: entry.valueSpan, pieces });
    else if (entry) edits.push({ kind: 'append', at: entry.message, pieces: bytesField(STRING_ENTRY.value, pieces) });
    else edits.push({ kind: 'append', at: message, pieces: entryField(key, text) });
  };
  if (location !== undefined) say('location', location);
  const wasAt = message.external.find(({ key }) => key === 'offset')?.value ?? '0';
  if (Number(wasAt) !== offset) say('offset', String(offset));
  const length = message.external.find(({ key }) => key === 'length')?.value;
  if (length !== undefined && Number(length) !== nbytes) say('length', String(nbytes));
  for (const { key, field } of message.external) if (key === 'checksum') edits.push({ kind: 'remove', at: field });
  return edits;
}

function entryField<V>(key: string, text: string): Piece<V>[] {
  const entry = [...textField<V>(STRING_ENTRY.key, key), ...textField<V>(STRING_ENTRY.value, text)];
  return bytesField<V>(TENSOR.externalData, entry);
}

/** The values come into the model itself: nothing is said of another file any more. */
export function inlineEdits<V>({ external, locationFields }: TensorMessage): Edit<V>[] {
  const fields = [...external.map(({ field }) => field), ...locationFields];
  return fields.map((at) => ({ kind: 'remove', at }));
}
