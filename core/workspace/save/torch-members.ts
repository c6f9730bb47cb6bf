import { crc32 } from 'node:zlib';
import type { PicklePiece } from '../../checkpoint/pickle/output.ts';
import type { ZipMember } from '../../checkpoint/zip/member.ts';
import { InvalidStateError } from '../../errors.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { ArchiveMember } from './archive-content.ts';
import type { OriginalFile, Segment } from './content.ts';
import { wholeSegment } from './file-content.ts';
import type { SavedTensor } from './saved-tensor.ts';

/** torch maps records into memory: caffe2/serialize/inline_container.h, kFieldAlignment. */
export const TORCH_ALIGNMENT = 64;

/** The elements of a tensor as a record. */
export function recordMember(name: string, tensor: SavedTensor, state: DocumentState): ArchiveMember {
  const { nbytes } = tensor;
  return {
    part: { name, former: null, method: 'stored', nbytes, compressed: nbytes, crc32: null },
    segments: (to) => [wholeSegment(state, tensor.state, to)],
  };
}

/** A few bytes that are known. */
export function bytesMember(name: string, bytes: Uint8Array): ArchiveMember {
  const nbytes = bytes.length;
  return {
    part: { name, former: null, method: 'stored', nbytes, compressed: nbytes, crc32: crc32(bytes) },
    segments: (to) => [{ kind: 'bytes', to, bytes }],
  };
}

interface PicklePlace {
  readonly name: string;
  readonly former: Buffer | null;
  /** The member whose payloads are copied. */
  readonly source: { readonly file: OriginalFile; readonly member: ZipMember; readonly offset: number } | null;
}

/** A pickle as a record; long texts and bytes come from the old one. */
export function pickleMember(pieces: readonly PicklePiece[], { name, former, source }: PicklePlace): ArchiveMember {
  const nbytes = pieces.reduce((sum, piece) => sum + (piece.kind === 'bytes' ? piece.bytes.length : piece.nbytes), 0);
  const copies = pieces.some(({ kind }) => kind === 'copy');
  if (copies && source?.member.method !== 'stored') {
    throw new InvalidStateError(
      `The pickle of this file is compressed and holds long texts or arrays: only values can be changed in it. Save as safetensors.`,
    );
  }
  const checksum = copies
    ? null
    : pieces.reduce((sum, piece) => (piece.kind === 'bytes' ? crc32(piece.bytes, sum) : sum), 0);
  return {
    part: { name, former, method: 'stored', nbytes, compressed: nbytes, crc32: checksum },
    segments: (to) => pieceSegments(pieces, to, source),
  };
}

function pieceSegments(pieces: readonly PicklePiece[], to: number, source: PicklePlace['source']): Segment[] {
  const segments: Segment[] = [];
  let at = to;
  for (const piece of pieces) {
    if (piece.kind === 'bytes') {
      segments.push({ kind: 'bytes', to: at, bytes: piece.bytes });
      at += piece.bytes.length;
    } else if (source) {
      const { file, offset } = source;
      segments.push({ kind: 'copy', to: at, file, from: offset + piece.offset, nbytes: piece.nbytes });
      at += piece.nbytes;
    }
  }
  return segments;
}
