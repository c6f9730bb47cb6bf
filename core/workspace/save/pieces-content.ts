import type { FileLayout, LayoutPiece } from '../../checkpoint/layout-pieces.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { TensorState } from '../state/tensor-state.ts';
import { type OriginalFile, type Segment, segmentBytes } from './content.ts';
import { changedSegments, type FileContent, wholeSegment } from './file-content.ts';
import { joinSegments } from './join-segments.ts';

export interface PiecesRequest {
  readonly state: DocumentState;
  readonly tensors: readonly TensorState[];
  /** What `copy` reads; null for a new file that copies nothing. */
  readonly file: OriginalFile | null;
  /** Where the values of a tensor lie in `file`; null where its new values cannot be written over the old ones. */
  readonly placeOf: (tensor: TensorState) => number | null;
}

/** The content that a layout describes: where nothing moves, only what differs from `file` is a segment. */
export function piecesContent({ pieces, total }: FileLayout, request: PiecesRequest): FileContent {
  const { file } = request;
  if (file && total === file.stamp.size && pieces.every((piece) => staysInPlace(piece, request))) {
    return { base: file, segments: joinSegments(pieces.flatMap((piece) => changedPart(piece, request))), size: total };
  }
  const segments = pieces.map((piece) => wholePart(piece, request));
  return { base: null, segments: joinSegments(segments.filter((segment) => segmentBytes(segment) > 0)), size: total };
}

function staysInPlace(piece: LayoutPiece, request: PiecesRequest): boolean {
  switch (piece.kind) {
    case 'bytes':
      return true;
    case 'copy':
      return piece.from === piece.to || piece.nbytes === 0;
    case 'values':
      return request.placeOf(tensorOf(piece.tensor, request)) === piece.to;
  }
}

function changedPart(piece: LayoutPiece, request: PiecesRequest): Segment[] {
  switch (piece.kind) {
    case 'bytes':
      return [piece];
    case 'copy':
      return [];
    case 'values':
      return changedSegments(request.state, tensorOf(piece.tensor, request), piece.to);
  }
}

function wholePart(piece: LayoutPiece, request: PiecesRequest): Segment {
  switch (piece.kind) {
    case 'bytes':
      return piece;
    case 'copy':
      if (!request.file) throw new TypeError('A file without a forebear copies nothing.');
      return { ...piece, file: request.file };
    case 'values':
      return wholeSegment(request.state, tensorOf(piece.tensor, request), piece.to);
  }
}

function tensorOf(index: number, { tensors }: PiecesRequest): TensorState {
  const tensor = tensors[index];
  if (!tensor) throw new TypeError(`The layout names tensor ${index} of ${tensors.length}.`);
  return tensor;
}
