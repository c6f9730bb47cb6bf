import { layoutMXNet, type MXNetLayout, type MXNetPiece } from '../../checkpoint/mxnet/layout.ts';
import type { MXNetCheckpoint } from '../../checkpoint/mxnet/reader.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { TensorState } from '../state/tensor-state.ts';
import type { OriginalFile, Segment } from './content.ts';
import { changedSegments, type FileContent, wholeSegment } from './file-content.ts';
import { joinSegments } from './join-segments.ts';

/**
 * Lays out an MXNet list file of all tensors. Where it descends from `original` and nothing moves, only what
 * differs is a segment.
 */
export function planMXNetContent(state: DocumentState, forebear: MXNetCheckpoint | null): FileContent {
  const tensors = [...state.tensors()];
  // Records can be patched, not made: values of other shapes and new tensors want a list of its own.
  const original = tensors.some(({ value }) => value !== null) ? null : forebear;
  const file = original?.files[0] ?? null;
  const layout = layoutMXNet({
    original: original && file && { list: original.list, size: file.stamp.size },
    tensors: tensors.map(({ id, name, dtype, steps }) => {
      const entry = state.entry(id);
      const record = original ? original.recordOf(entry) : null;
      return { name, dtype, shape: entry.shape, record, edited: steps !== null };
    }),
  });
  const planning = { state, tensors, file };
  if (file && staysPut(planning, layout)) {
    const segments = layout.pieces.flatMap((piece) => changedPart(planning, piece));
    return { base: file, segments: joinSegments(segments), size: layout.total };
  }
  const segments = layout.pieces.map((piece) => wholePart(planning, piece));
  return { base: null, segments: joinSegments(segments), size: layout.total };
}

interface Planning {
  readonly state: DocumentState;
  readonly tensors: readonly TensorState[];
  /** The file that the new one descends from. */
  readonly file: OriginalFile | null;
}

function staysPut(planning: Planning, { pieces, total }: MXNetLayout): boolean {
  if (total !== planning.file?.stamp.size) return false;
  return pieces.every((piece) => staysInPlace(planning, piece));
}

function staysInPlace(planning: Planning, piece: MXNetPiece): boolean {
  switch (piece.kind) {
    case 'bytes':
      return true;
    case 'copy':
      return piece.from === piece.to;
    case 'values': {
      const entry = planning.state.entry(tensorOf(planning, piece.tensor).id);
      return entry.offset === piece.to && !entry.sparse;
    }
  }
}

function changedPart(planning: Planning, piece: MXNetPiece): Segment[] {
  switch (piece.kind) {
    case 'bytes':
      return [piece];
    case 'copy':
      return [];
    case 'values':
      return changedSegments(planning.state, tensorOf(planning, piece.tensor), piece.to);
  }
}

function wholePart(planning: Planning, piece: MXNetPiece): Segment {
  switch (piece.kind) {
    case 'bytes':
      return piece;
    case 'copy':
      if (!planning.file) throw new TypeError('A file without a forebear copies nothing.');
      return { ...piece, file: planning.file };
    case 'values':
      return wholeSegment(planning.state, tensorOf(planning, piece.tensor), piece.to);
  }
}

function tensorOf({ tensors }: Planning, index: number): TensorState {
  const tensor = tensors[index];
  if (!tensor) throw new TypeError(`The layout names tensor ${index} of ${tensors.length}.`);
  return tensor;
}
