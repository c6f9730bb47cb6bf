import type { ByteSource } from '../byte-source.ts';
import { type Extent, PagedBytes } from '../paged-bytes.ts';
import { Fields, type GuardedBlock, HdfBytes } from './fields.ts';
import { SIGNATURE } from './signature.ts';

/** A user block may come before the superblock: 512 bytes or a power of two times that. */
const FIRST_USER_BLOCK = 512;
const MAX_USER_BLOCK = 2 ** 30;
/** The longest superblock: version 1 with addresses of 8 bytes. */
const MAX_SUPERBLOCK = 100;

/** What a superblock says of the structures behind it. */
export interface SuperblockStyle {
  readonly version: 0 | 1 | 2 | 3;
  /** Half the symbols of a leaf of a group's index, half the children of an inner node. */
  readonly groupLeaf: number;
  readonly groupInner: number;
  /** Half the children of a node of an index of chunks. */
  readonly chunkInner: number;
}

/** What the library takes where a superblock does not say it. */
export const USUAL_STYLE: SuperblockStyle = { version: 0, groupLeaf: 4, groupInner: 16, chunkInner: 32 };

export interface Superblock {
  readonly file: HdfBytes;
  readonly style: SuperblockStyle;
  /** Where more of it stands: settings that hardly any file has, or those of a driver; else null. */
  readonly extension: number | null;
  /** Address of the root group's object header. */
  readonly root: number;
  /** Where the superblock says how long the file is. */
  readonly end: EndField;
  /** The superblock itself where it has a checksum. */
  readonly guard?: GuardedBlock;
}

export interface EndField {
  /** Counted as addresses are. */
  readonly at: number;
  readonly width: number;
  /** Position in the file or member, and so the address of what is appended once the base is taken off. */
  readonly value: number;
  readonly base: number;
}

/** Reads the superblock, versions 0 to 3 (HDF5 File Format Specification, II.A). @throws CheckpointFormatError */
export async function readSuperblock(source: ByteSource, extent: Extent): Promise<Superblock> {
  const raw = new PagedBytes(source, extent);
  const start = await findSignature(raw);
  const head = new HdfBytes(raw, { offset: 8, length: 8 });
  const fields = await head.fields(start, Math.min(MAX_SUPERBLOCK, raw.size - start), 'the superblock');
  fields.skip(SIGNATURE.length);
  const version = fields.u8();
  if (version > 3) fields.fail(`the superblock is of version ${version}; 0 to 3 are read`);
  if (version === 0 || version === 1) return readOld({ source, extent, fields, version });
  return await readNew({ source, extent, fields, start, version: version === 2 ? 2 : 3 });
}

async function findSignature(bytes: PagedBytes): Promise<number> {
  for (let at = 0; at + SIGNATURE.length <= bytes.size; at = at === 0 ? FIRST_USER_BLOCK : at * 2) {
    if ((await bytes.bytes(at, SIGNATURE.length, 'the signature')).equals(SIGNATURE)) return at;
    if (at > MAX_USER_BLOCK) break;
  }
  return bytes.fail('the file has no HDF5 signature', 0);
}

interface Old {
  readonly source: ByteSource;
  readonly extent: Extent;
  readonly fields: Fields;
}

function readOld({ source, extent, fields, version }: Old & { readonly version: 0 | 1 }): Superblock {
  // Versions of the free-space storage, the root's symbol table entry and the shared header messages.
  fields.skip(4);
  const widths = readWidths(fields, fields.u8(), fields.u8());
  fields.skip(1);
  const [groupLeaf, groupInner] = [fields.u16(), fields.u16()];
  // Consistency flags; version 1 adds the chunks' index and two reserved bytes.
  fields.skip(4);
  const chunkInner = version === 1 ? fields.u16() : USUAL_STYLE.chunkInner;
  if (version === 1) fields.skip(2);
  const inFile = new Fields(new HdfBytes(fields.file.bytes, widths), fields.bytes, fields.address);
  inFile.at = fields.at;
  const base = inFile.requiredAddress('the base of the file');
  inFile.addressOrNull();
  const endAt = inFile.position;
  const end = inFile.requiredAddress('the end of the file');
  const extension = inFile.addressOrNull();
  // The root group's symbol table entry begins with the position of its name.
  inFile.skip(widths.offset);
  const root = inFile.requiredAddress('the root group');
  const field = { at: endAt - base, width: widths.offset, value: end, base };
  const style = { version, groupLeaf, groupInner, chunkInner };
  return { file: new HdfBytes(basedBytes(source, extent, { base, end }), widths), root, style, extension, end: field };
}

async function readNew({
  source,
  extent,
  fields,
  start,
  version,
}: Old & { readonly start: number; readonly version: 2 | 3 }): Promise<Superblock> {
  const widths = readWidths(fields, fields.u8(), fields.u8());
  fields.skip(1);
  const nbytes = 12 + 4 * widths.offset + 4;
  const file = new HdfBytes(fields.file.bytes, widths);
  const inFile = await file.checked(start, nbytes, {
    mark: SIGNATURE.toString('latin1', 0, 4),
    what: 'the superblock',
  });
  inFile.at = fields.at;
  const base = inFile.requiredAddress('the base of the file');
  const extension = inFile.addressOrNull();
  const endAt = inFile.position;
  const end = inFile.requiredAddress('the end of the file');
  const root = inFile.requiredAddress('the root group');
  const field = { at: endAt - base, width: widths.offset, value: end, base };
  const based = new HdfBytes(basedBytes(source, extent, { base, end }), widths);
  const guard = { address: start - base, nbytes };
  return { file: based, root, style: { ...USUAL_STYLE, version }, extension, end: field, guard };
}

function readWidths(fields: Fields, offset: number, length: number): { offset: number; length: number } {
  for (const width of [offset, length]) {
    if (![2, 4, 8].includes(width)) fields.fail(`positions or sizes of ${width} bytes are not read; 2, 4 and 8 are`);
  }
  return { offset, length };
}

/** The bytes that addresses count: from the base to the end that the superblock declares. */
function basedBytes(source: ByteSource, extent: Extent, { base, end }: { base: number; end: number }): PagedBytes {
  const all = new PagedBytes(source, extent);
  if (end > extent.nbytes || base > end) {
    all.fail(`the file should have ${end} bytes, but has ${extent.nbytes}: it is cut short or damaged`, extent.nbytes);
  }
  return new PagedBytes(source, { start: extent.start + base, nbytes: end - base });
}
