import type { Checkpoint, Entry } from '../../checkpoint/checkpoint.ts';
import {
  alignmentOf,
  fieldsFor,
  kindOfForeign,
  SPLIT_KEYS,
  TENSORS_COUNT_KEY,
  turnedFields,
} from '../../checkpoint/gguf/fields.ts';
import { type GGUFLayoutTensor, layoutGGUF } from '../../checkpoint/gguf/layout.ts';
import { GGUFCheckpoint } from '../../checkpoint/gguf/reader.ts';
import type { GGUFPart } from '../../checkpoint/gguf/split.ts';
import { inferKind } from '../../checkpoint/gguf/value-text.ts';
import type { FileLayout, LayoutPiece } from '../../checkpoint/layout-pieces.ts';
import { isQuantized } from '../../ndarray/dtype.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { Metadata, TensorState } from '../state/tensor-state.ts';
import type { FileContent } from './file-content.ts';
import type { SaveSubject } from './format-writer.ts';
import { piecesContent } from './pieces-content.ts';
import { savedTensor } from './saved-tensor.ts';

/** Version 3 differs from 2 only in that it may be big-endian. */
const VERSION = 3;
/** A head that moves within its padding is read and written as a patch up to this size. */
const MAX_MOVED_HEAD = 64 * 1024 * 1024;

/** What becomes of one file of a checkpoint. `tensors` are those that it shall hold. */
export async function ownGGUFContent(
  checkpoint: GGUFCheckpoint,
  {
    state,
    file,
    tensors,
  }: { readonly state: DocumentState; readonly file: number; readonly tensors: readonly TensorState[] },
): Promise<FileContent> {
  const part = checkpoint.parts[file];
  const original = checkpoint.files[file];
  if (!part || !original) throw new TypeError(`${checkpoint.path} has no file ${file}.`);
  const { header } = part;
  const metadata = metadataOf(checkpoint, state, file);
  const origins = originsIn(checkpoint, file);
  const laidOut = tensors.map((tensor) => layoutTensor(state, tensor, origins));
  const quantizes =
    laidOut.some(({ dtype }) => isQuantized(dtype)) && !header.tensors.some(({ type }) => isQuantized(type.dtype));
  const { version, littleEndian } = header;
  const layout = layoutGGUF({
    original: { header, size: original.stamp.size },
    version,
    littleEndian,
    alignment: alignmentOf(metadata),
    fields: fieldsFor({ former: header.fields, metadata, littleEndian, kindOfNew: inferKind, quantizes }),
    tensors: laidOut,
  });
  const placeOf = ({ id }: TensorState): number | null => {
    const stored = state.stored(id);
    return stored?.file === file ? stored.offset : null;
  };
  return piecesContent(await settled(layout, part, original.stamp.size), { state, tensors, file: original, placeOf });
}

/** The keys of one part: those of the first are the document's; the others have but their own. */
function metadataOf({ parts }: GGUFCheckpoint, state: DocumentState, file: number): Metadata {
  const own = parts[file]?.header.fields ?? [];
  const metadata = new Map(file === 0 ? state.metadata : own.map(({ key, text }) => [key, text]));
  if (parts.length > 1 && own.some(({ key }) => key === TENSORS_COUNT_KEY)) {
    metadata.set(TENSORS_COUNT_KEY, String(state.count));
  }
  return metadata;
}

/** `origins` are the tensors of the file that is laid out anew, by their places in its head. */
function layoutTensor(
  state: DocumentState,
  tensor: TensorState,
  origins: ReadonlyMap<Entry, number>,
): GGUFLayoutTensor {
  const { name, dtype, shape, nbytes, origin, edited } = savedTensor(state, tensor);
  return { name, dtype, shape, nbytes, origin: (origin && origins.get(origin)) ?? null, edited };
}

function originsIn({ entries }: GGUFCheckpoint, file: number): Map<Entry, number> {
  return new Map(entries.filter((entry) => entry.file === file).map((entry, index) => [entry, index]));
}

/** Where the data stay in their places, a head that moved within its padding becomes bytes of its own. */
async function settled(layout: FileLayout, { header, source }: GGUFPart, size: number): Promise<FileLayout> {
  const moved = layout.pieces.filter((piece) => piece.kind === 'copy' && piece.from !== piece.to);
  const inHead = moved.every((piece) => piece.kind === 'copy' && piece.from < header.tensorsStop);
  if (moved.length === 0 || !inHead || layout.total !== size || header.tensorsStop > MAX_MOVED_HEAD) return layout;
  const pieces: LayoutPiece[] = [];
  for (const piece of layout.pieces) {
    if (piece.kind !== 'copy' || piece.from === piece.to) pieces.push(piece);
    else pieces.push({ kind: 'bytes', to: piece.to, bytes: await source.read(piece.from, piece.nbytes) });
  }
  return { pieces, total: layout.total };
}

function isQuantizedModel({ entries }: Checkpoint): boolean {
  return entries.some(({ dtype }) => isQuantized(dtype));
}

/** All tensors as one new little-endian file; what a GGUF document says of itself comes along. */
export async function newGGUFContent({ checkpoint, state }: SaveSubject): Promise<FileContent> {
  const tensors = [...state.tensors()];
  const metadata = new Map([...state.metadata].filter(([key]) => !SPLIT_KEYS.has(key)));
  const former = checkpoint instanceof GGUFCheckpoint ? checkpoint.parts[0] : undefined;
  const laidOut = tensors.map((tensor) => layoutTensor(state, tensor, new Map()));
  const layout = layoutGGUF({
    original: null,
    version: VERSION,
    littleEndian: true,
    alignment: alignmentOf(metadata),
    fields: fieldsFor({
      former: former?.header.fields ?? [],
      kept: former && !former.header.littleEndian ? await turnedFields(former) : undefined,
      metadata,
      littleEndian: true,
      kindOfNew: former ? inferKind : kindOfForeign(metadata),
      quantizes: !(former && isQuantizedModel(checkpoint)) && laidOut.some(({ dtype }) => isQuantized(dtype)),
    }),
    tensors: laidOut,
  });
  return piecesContent(layout, { state, tensors, file: checkpoint.files[0] ?? null, placeOf: () => null });
}
