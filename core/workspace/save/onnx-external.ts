import type { Entry } from '../../checkpoint/checkpoint.ts';
import type { OnnxCheckpoint } from '../../checkpoint/onnx/reader.ts';
import type { DocumentState } from '../state/document-state.ts';
import { type OriginalFile, type Segment, segmentBytes } from './content.ts';
import { changedSegments, type FileContent, wholeSegment } from './file-content.ts';
import { joinSegments } from './join-segments.ts';
import type { SavedTensor } from './saved-tensor.ts';

/** Where the values of edited tensors begin in their files, by tensor. */
export type ExternalPlaces = ReadonlyMap<number, number>;

/** Where moved values begin: a page, as onnx itself aligns large ones. */
const ALIGNMENT = 4096;

/**
 * Values that fit take their old place; what grows, or shares its bytes with a tensor beside it, goes to
 * the end of its file. Nothing else in the file moves.
 */
export function externalPlaces(checkpoint: OnnxCheckpoint, tensors: readonly SavedTensor[]): ExternalPlaces {
  const places = new Map<number, number>();
  const ends = checkpoint.files.map(({ stamp }) => stamp.size);
  for (const { id, origin, edited, nbytes } of tensors) {
    if (!origin || !edited || origin.file === 0) continue;
    const stays = nbytes <= origin.nbytes && !isShared(origin, tensors);
    if (stays) places.set(id, origin.offset);
    else {
      const end = Math.ceil((ends[origin.file] ?? 0) / ALIGNMENT) * ALIGNMENT;
      places.set(id, end);
      ends[origin.file] = end + nbytes;
    }
  }
  return places;
}

function isShared(entry: Entry, tensors: readonly SavedTensor[]): boolean {
  return tensors.some(({ origin }) => {
    if (!origin || origin === entry || origin.file !== entry.file) return false;
    return origin.offset < entry.offset + entry.nbytes && entry.offset < origin.offset + origin.nbytes;
  });
}

/** `segments`, in order, over `base`; a file that grows is copied around them. */
function grownContent(base: OriginalFile, segments: readonly Segment[], size: number): FileContent {
  if (size === base.stamp.size) return { base, segments: joinSegments(segments), size };
  const around: Segment[] = [];
  let done = 0;
  const copyTo = (stop: number): void => {
    if (stop > done) around.push({ kind: 'copy', to: done, file: base, from: done, nbytes: stop - done });
  };
  for (const segment of segments) {
    copyTo(Math.min(segment.to, base.stamp.size));
    around.push(segment);
    done = segment.to + segmentBytes(segment);
  }
  copyTo(base.stamp.size);
  return { base: null, segments: joinSegments(around), size };
}

/** What becomes of a file beside the model, by its place among the checkpoint's. */
export interface ExternalContent {
  readonly file: number;
  readonly content: FileContent;
}

interface ExternalRequest {
  readonly state: DocumentState;
  readonly tensors: readonly SavedTensor[];
  readonly places: ExternalPlaces;
}

/** The files beside the model that change: each over what it was. */
export function externalContents(
  { files }: OnnxCheckpoint,
  { state, tensors, places }: ExternalRequest,
): ExternalContent[] {
  return files.flatMap((base, file) => {
    const moved = tensors.filter(({ id, origin }) => origin?.file === file && places.has(id));
    if (file === 0 || moved.length === 0) return [];
    const segments = moved.flatMap((tensor) => segmentsOf(tensor));
    const size = moved.reduce((end, { id, nbytes }) => Math.max(end, (places.get(id) ?? 0) + nbytes), base.stamp.size);
    return [
      {
        file,
        content: grownContent(
          base,
          segments.toSorted((a, b) => a.to - b.to),
          size,
        ),
      },
    ];
  });

  function segmentsOf({ id, origin, dtype, nbytes, state: tensor }: SavedTensor): Segment[] {
    const to = places.get(id) ?? 0;
    const isSame = origin?.offset === to && origin.dtype === dtype && origin.nbytes === nbytes;
    return isSame ? changedSegments(state, tensor, to) : [wholeSegment(state, tensor, to)];
  }
}
