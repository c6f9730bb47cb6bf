import type { Fields, HdfBytes } from './fields.ts';
import { type ArrayElement, isSet, MAX_ARRAY } from './fixed-array.ts';

const MAX_ENTRY = 64;

/** The header of an extensible array (HDF5 File Format Specification, VII.D). */
interface ArrayHeader {
  readonly file: HdfBytes;
  readonly entryBytes: number;
  /** Bytes of a position in the array. */
  readonly positionBytes: number;
  /** Elements in the index block itself. */
  readonly direct: number;
  readonly minElements: number;
  readonly minPointers: number;
  readonly pageLength: number;
  readonly superBlocks: number;
  /** Elements up to the last one that was written. */
  readonly count: number;
}

/** Blocks of one size: super block `u` has `blocks` of `elements` each. */
interface SuperBlock {
  readonly blocks: number;
  readonly elements: number;
}

/** The elements of an extensible array; blocks that were never written are left out. */
export async function* extensibleArrayElements(file: HdfBytes, address: number): AsyncGenerator<ArrayElement> {
  const { header, indexBlock } = await readArrayHeader(file, address);
  if (indexBlock === null) return;
  const index = await readIndexBlock(header, indexBlock);
  for (let i = 0; i < Math.min(header.direct, header.count); i++) {
    yield { index: i, fields: index.fields.part(header.entryBytes) };
  }
  index.fields.skip(Math.max(0, header.direct - header.count) * header.entryBytes);
  let start = header.direct;
  let taken = 0;
  for (let u = 0; u < header.superBlocks && start < header.count; u++) {
    const { blocks, elements } = superBlock(header, u);
    const isDirect = taken < index.blockAddresses;
    const places = isDirect
      ? directBlocks(index.fields, blocks)
      : await readSuperBlock(header, index.fields, { blocks, elements });
    if (isDirect) taken += blocks;
    for (const place of places) {
      if (place && start < header.count) yield* readDataBlock(header, place, { start, elements });
      start += elements;
    }
  }
}

interface BlockPlace {
  readonly address: number;
  /** Which pages were written, from bit `first` on; null where the block has no pages. */
  readonly pages: { readonly written: Buffer; readonly first: number } | null;
}

function superBlock({ minElements }: ArrayHeader, u: number): SuperBlock {
  return { blocks: 2 ** Math.floor(u / 2), elements: 2 ** Math.floor((u + 1) / 2) * minElements };
}

async function readArrayHeader(
  file: HdfBytes,
  address: number,
): Promise<{ header: ArrayHeader; indexBlock: number | null }> {
  const { offset, length } = file.widths;
  const what = 'the header of an extensible array';
  const fields = await file.checked(address, 12 + 6 * length + offset + 4, { mark: 'EAHD', what });
  fields.skip(2);
  const entryBytes = fields.u8();
  const maxBits = fields.u8();
  const direct = fields.u8();
  const minElements = fields.u8();
  const minPointers = fields.u8();
  const pageBits = fields.u8();
  fields.skip(4 * length);
  const count = fields.size();
  fields.skip(length);
  const indexBlock = fields.addressOrNull();
  const powers = [minElements, minPointers].every((value) => value > 0 && Number.isInteger(Math.log2(value)));
  if (!powers || maxBits > 64 || pageBits > 30 || count > MAX_ARRAY || entryBytes < offset || entryBytes > MAX_ENTRY) {
    file.fail(`${what} is damaged`, address);
  }
  const superBlocks = 1 + maxBits - Math.log2(minElements);
  const positionBytes = Math.ceil(maxBits / 8);
  const pageLength = 2 ** pageBits;
  return {
    header: { file, entryBytes, positionBytes, direct, minElements, minPointers, pageLength, superBlocks, count },
    indexBlock,
  };
}

async function readIndexBlock(
  header: ArrayHeader,
  address: number,
): Promise<{ fields: Fields; blockAddresses: number }> {
  const { file, entryBytes, direct, minPointers, superBlocks } = header;
  const { offset } = file.widths;
  const blockAddresses = 2 * (minPointers - 1);
  const superAddresses = superBlocks - 2 * Math.log2(minPointers);
  const nbytes = 6 + offset + direct * entryBytes + (blockAddresses + Math.max(0, superAddresses)) * offset + 4;
  const fields = await file.checked(address, nbytes, { mark: 'EAIB', what: 'the index of an extensible array' });
  fields.at = 6 + offset;
  return { fields, blockAddresses };
}

function directBlocks(fields: Fields, count: number): (BlockPlace | null)[] {
  return Array.from({ length: count }, () => {
    const address = fields.addressOrNull();
    return address === null ? null : { address, pages: null };
  });
}

async function readSuperBlock(
  header: ArrayHeader,
  index: Fields,
  { blocks, elements }: SuperBlock,
): Promise<(BlockPlace | null)[]> {
  const { file, positionBytes, pageLength } = header;
  const address = index.addressOrNull();
  if (address === null) return new Array<null>(blocks).fill(null);
  const pages = elements > pageLength ? Math.ceil(elements / pageLength) : 0;
  const bitmapBytes = Math.ceil(pages / 8);
  const prefix = 6 + file.widths.offset + positionBytes;
  const nbytes = prefix + blocks * bitmapBytes + blocks * file.widths.offset + 4;
  const fields = await file.checked(address, nbytes, { mark: 'EASB', what: 'a super block of an extensible array' });
  fields.at = prefix;
  // The blocks' bits follow each other without padding, in as many bytes as if each began a new one.
  const written = Buffer.from(fields.take(blocks * bitmapBytes));
  return Array.from({ length: blocks }, (_, i) => {
    const block = fields.addressOrNull();
    return block === null ? null : { address: block, pages: pages > 0 ? { written, first: i * pages } : null };
  });
}

async function* readDataBlock(
  { file, entryBytes, positionBytes, pageLength, count }: ArrayHeader,
  { address, pages }: BlockPlace,
  { start, elements }: { readonly start: number; readonly elements: number },
): AsyncGenerator<ArrayElement> {
  const prefix = 6 + file.widths.offset + positionBytes;
  const what = 'a block of an extensible array';
  if (pages === null) {
    const fields = await file.checked(address, prefix + elements * entryBytes + 4, { mark: 'EADB', what });
    fields.at = prefix;
    for (let i = 0; i < elements && start + i < count; i++) yield { index: start + i, fields: fields.part(entryBytes) };
    return;
  }
  for (let page = 0; page * pageLength < elements; page++) {
    if (!isSet(pages.written, pages.first + page)) continue;
    const place = address + prefix + 4 + page * (pageLength * entryBytes + 4);
    const fields = await file.guarded(place, pageLength * entryBytes + 4, what);
    const first = start + page * pageLength;
    for (let i = 0; i < pageLength && first + i < count; i++)
      yield { index: first + i, fields: fields.part(entryBytes) };
  }
}
