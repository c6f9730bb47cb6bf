import type { NpzCheckpoint } from '../../checkpoint/numpy/npz-checkpoint.ts';
import type { ZipMember } from '../../checkpoint/zip/member.ts';
import { sealedMembers } from '../../checkpoint/zip/seal-fields.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { Segment } from './content.ts';
import { changedSegments, type FileContent } from './file-content.ts';
import { joinSegments } from './join-segments.ts';
import { savedTensors, staysInPlace } from './saved-tensor.ts';
import type { Seal } from './seals.ts';

/** The archive with values patched where they lie and checksums mended; null where something else changed too. */
export async function npzPatch(checkpoint: NpzCheckpoint, state: DocumentState): Promise<FileContent | null> {
  const [file] = checkpoint.files;
  const tensors = savedTensors(state);
  if (!file || tensors.length !== checkpoint.entries.length) return null;
  const segments: Segment[] = [];
  const members: ZipMember[] = [];
  for (const tensor of tensors) {
    const { origin } = tensor;
    if (origin?.name !== tensor.name) return null;
    if (!tensor.edited) continue;
    const place = checkpoint.originOf(origin);
    if (place.kind !== 'array' || !staysInPlace(tensor)) return null;
    segments.push(...changedSegments(state, tensor.state, origin.offset));
    members.push(place.member);
  }
  const sealed = await sealedMembers(checkpoint.archive, members);
  const seals = members.map(
    ({ compressed, crc32 }, i): Seal => ({
      kind: 'crc32',
      start: sealed[i]?.offset ?? 0,
      nbytes: compressed,
      at: sealed[i]?.fields ?? [],
      former: crc32,
    }),
  );
  return { base: file, segments: joinSegments(segments), seals, size: file.stamp.size };
}
