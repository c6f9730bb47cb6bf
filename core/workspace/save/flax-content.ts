import { FileSource } from '../../checkpoint/byte-source.ts';
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { type FlaxLayout, type FlaxPiece, type FlaxTensor, layoutFlax } from '../../checkpoint/flax/layout.ts';
import { readTree } from '../../checkpoint/flax/tree.ts';
import { PagedBytes } from '../../checkpoint/paged-bytes.ts';
import { plainRuns } from '../../checkpoint/unpack/plain-runs.ts';
import type { TensorState } from '../state/tensor-state.ts';
import type { OriginalFile, Segment } from './content.ts';
import type { FileContent } from './file-content.ts';
import type { SaveSubject } from './format-writer.ts';
import { joinSegments } from './join-segments.ts';
import { changedElements, elementPlaces, keepsItsPlace, segmentsAt, storedOf } from './stored-values.ts';

/** The file of a Flax checkpoint after its edits; where only values changed, only those are segments. */
export async function planFlaxContent(subject: SaveSubject): Promise<FileContent> {
  const { checkpoint, state } = subject;
  const file = fileOf(checkpoint);
  const tensors = [...state.tensors()];
  const specs = tensors.map((tensor) => specOf(subject, tensor));
  const onlyValues =
    tensors.length === checkpoint.entries.length &&
    specs.every(({ name, origin, recast }) => name === origin && !recast);
  if (onlyValues) {
    const segments = tensors.flatMap((tensor) => valueSegments(subject, tensor));
    return { base: file, segments: joinSegments(segments), size: file.stamp.size };
  }
  const root = await readTree(new PagedBytes(FileSource.known(file)));
  const former = new Set(checkpoint.entries.map(({ name }) => name));
  return contentOf({ subject, tensors, file }, layoutFlax({ original: { root, former }, tensors: specs }));
}

/** A new file of all tensors, nested by the slashes in their names. */
export function newFlaxContent(subject: SaveSubject): FileContent {
  const { state } = subject;
  const tensors = [...state.tensors()];
  const specs = tensors.map((tensor): FlaxTensor => {
    const { name, dtype, id } = tensor;
    return { name, dtype, shape: state.entry(id).shape, origin: null, recast: true, runs: null };
  });
  return contentOf({ subject, tensors, file: null }, layoutFlax({ original: null, tensors: specs }));
}

function fileOf(checkpoint: Checkpoint): OriginalFile {
  const [file] = checkpoint.files;
  if (!file) throw new TypeError(`${checkpoint.path} has no file.`);
  return file;
}

function specOf(subject: SaveSubject, tensor: TensorState): FlaxTensor {
  const { state } = subject;
  const { id, name, dtype, steps } = tensor;
  const stored = storedOf(subject, tensor);
  const recast = stored === null || !keepsItsPlace(tensor, stored);
  const runs = stored && steps !== null && !recast ? plainRuns(stored) : null;
  return { name, dtype, shape: state.entry(id).shape, origin: stored?.name ?? null, recast, runs };
}

function valueSegments(subject: SaveSubject, tensor: TensorState): Segment[] {
  const stored = storedOf(subject, tensor);
  const changed = changedElements(subject.state, tensor);
  if (!stored || changed.length === 0) return [];
  const places = elementPlaces(stored);
  if (!places) throw new TypeError(`The elements of '${stored.name}' lie in no runs of the file.`);
  const lazy = subject.state.lazy(tensor.id);
  return places.flatMap((place) => segmentsAt(lazy, place, changed));
}

interface Planning {
  readonly subject: SaveSubject;
  readonly tensors: readonly TensorState[];
  /** The file that the new one descends from. */
  readonly file: OriginalFile | null;
}

function contentOf(planning: Planning, { pieces, total }: FlaxLayout): FileContent {
  const segments = pieces.map((piece) => segmentOf(planning, piece));
  return { base: null, segments: joinSegments(segments), size: total };
}

function segmentOf({ subject, tensors, file }: Planning, piece: FlaxPiece): Segment {
  switch (piece.kind) {
    case 'bytes':
      return piece;
    case 'copy':
      if (!file) throw new TypeError('A file without a forebear copies nothing.');
      return { ...piece, file };
    case 'values': {
      const { to, start, count } = piece;
      const tensor = tensors[piece.tensor];
      if (!tensor) throw new TypeError(`The layout names tensor ${piece.tensor} of ${tensors.length}.`);
      return { kind: 'elements', to, tensor: subject.state.lazy(tensor.id), start, count };
    }
  }
}
