import type { TorchPart } from '../../checkpoint/pytorch/torch-checkpoint.ts';
import type { ZipArchive } from '../../checkpoint/zip/archive.ts';
import { sealedMembers } from '../../checkpoint/zip/seal-fields.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { Segment } from './content.ts';
import { changedSegments, type FileContent } from './file-content.ts';
import { joinSegments } from './join-segments.ts';
import type { SavedTensor } from './saved-tensor.ts';
import type { Seal } from './seals.ts';
import { writingsOf } from './torch-sharing.ts';

/** What a file of torch's shall hold. */
export interface TorchTensors {
  readonly state: DocumentState;
  readonly tensors: readonly SavedTensor[];
}

/** The file with values patched where they lie and the archive's checksums mended; null where something else changed too. */
export async function torchPatch(part: TorchPart, { state, tensors }: TorchTensors): Promise<FileContent | null> {
  const { file } = part;
  if (tensors.length !== part.entries.length || tensors.some(({ name, origin }) => origin?.name !== name)) return null;
  const writings = writingsOf(tensors);
  const segments: Segment[] = [];
  for (const { id, origin, state: tensor } of tensors) {
    const writing = writings.get(id);
    if (writing === 'anew') return null;
    if (writing === 'in place' && origin) segments.push(...changedSegments(state, tensor, origin.offset));
  }
  const seals = part.opened ? await sealsFor(part.opened.archive, segments) : [];
  return { base: file, segments: joinSegments(segments), seals, size: file.stamp.size };
}

/** Those of the records in which something changes. */
async function sealsFor(archive: ZipArchive, segments: readonly Segment[]): Promise<Seal[]> {
  const members = membersAt(
    archive,
    segments.map(({ to }) => to),
  );
  const sealed = await sealedMembers(archive, members);
  return members.map(({ compressed, crc32 }, i) => ({
    kind: 'crc32',
    start: sealed[i]?.offset ?? 0,
    nbytes: compressed,
    at: sealed[i]?.fields ?? [],
    former: crc32,
  }));
}

/** The members in whose bytes the positions lie. */
function membersAt(archive: ZipArchive, positions: readonly number[]): ZipArchive['members'] {
  const placed = archive.members.toSorted((a, b) => a.header - b.header);
  const found = new Set<number>();
  let at = 0;
  for (const position of positions.toSorted((a, b) => a - b)) {
    while (at + 1 < placed.length && (placed[at + 1]?.header ?? 0) <= position) at++;
    found.add(at);
  }
  return placed.filter((_member, i) => found.has(i));
}
