import type { Fields, HdfBytes } from './fields.ts';

/** Elements of an array index, by their number. */
export interface ArrayElement {
  readonly index: number;
  readonly fields: Fields;
}

/** More chunks than the largest datasets have; read in pages. */
export const MAX_ARRAY = 2 ** 31;
const MAX_ENTRY = 64;

/** The elements of a fixed array (HDF5 File Format Specification, VII.C), pages that were never written left out. */
export async function* fixedArrayElements(file: HdfBytes, address: number): AsyncGenerator<ArrayElement> {
  const { offset, length } = file.widths;
  const what = 'the header of a fixed array';
  const header = await file.checked(address, 8 + length + offset + 4, { mark: 'FAHD', what });
  header.skip(2);
  const entryBytes = header.u8();
  const pageBits = header.u8();
  const count = header.size();
  const block = header.addressOrNull();
  if (block === null) return;
  if (count > MAX_ARRAY || entryBytes < offset || entryBytes > MAX_ENTRY || pageBits > 30)
    file.fail(`${what} is damaged`, address);
  const pageLength = 2 ** pageBits;
  const prefix = 6 + offset;
  if (count <= pageLength) {
    const fields = await file.checked(block, prefix + count * entryBytes + 4, { mark: 'FADB', what: 'a fixed array' });
    fields.at = prefix;
    for (let index = 0; index < count; index++) yield { index, fields: fields.part(entryBytes) };
    return;
  }
  const pages = Math.ceil(count / pageLength);
  const bitmapBytes = Math.ceil(pages / 8);
  const head = await file.checked(block, prefix + bitmapBytes + 4, { mark: 'FADB', what: 'a fixed array' });
  head.at = prefix;
  const written = Buffer.from(head.take(bitmapBytes));
  const first = block + prefix + bitmapBytes + 4;
  for (let page = 0; page < pages; page++) {
    if (!isSet(written, page)) continue;
    const start = page * pageLength;
    const entries = Math.min(pageLength, count - start);
    const fields = await file.guarded(
      first + page * (pageLength * entryBytes + 4),
      entries * entryBytes + 4,
      'a page of a fixed array',
    );
    for (let i = 0; i < entries; i++) yield { index: start + i, fields: fields.part(entryBytes) };
  }
}

/** Bits count from the highest of each byte. */
export function isSet(bitmap: Buffer, bit: number): boolean {
  return (((bitmap[bit >> 3] ?? 0) << (bit & 7)) & 0x80) !== 0;
}
