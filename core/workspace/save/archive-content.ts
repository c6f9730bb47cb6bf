import { layoutZip, type ZipLayout, type ZipLayoutOptions, type ZipPart } from '../../checkpoint/zip/layout.ts';
import type { Segment } from './content.ts';
import type { FileContent } from './file-content.ts';
import { joinSegments } from './join-segments.ts';
import type { Seal } from './seals.ts';

/** A member of an archive with what its bytes are made of. */
export interface ArchiveMember {
  readonly part: ZipPart;
  /** Its stored bytes, `part.compressed` of them, from `to` on. */
  readonly segments: (to: number) => readonly Segment[];
}

/** A new zip archive. Members whose checksums are not known are sealed once they are written. */
export function archiveContent(members: readonly ArchiveMember[], options: ZipLayoutOptions): FileContent {
  const layout = layoutZip(
    members.map(({ part }) => part),
    options,
  );
  const segments: Segment[] = [];
  const seals: Seal[] = [];
  for (const [i, { part, segments: data }] of members.entries()) {
    const { header, offset, fields } = placedPart(layout, i);
    segments.push({ kind: 'bytes', ...header }, ...data(offset));
    if (part.crc32 === null) {
      seals.push({ kind: 'crc32', start: offset, nbytes: part.compressed, at: fields, former: null });
    }
  }
  segments.push({ kind: 'bytes', ...layout.directory });
  return { base: null, segments: joinSegments(segments), seals, size: layout.total };
}

function placedPart({ parts }: ZipLayout, index: number): ZipLayout['parts'][number] {
  const part = parts[index];
  if (!part) throw new TypeError(`The layout has no part ${index}.`);
  return part;
}
