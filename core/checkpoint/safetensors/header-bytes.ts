import { PREFIX } from './header.ts';

const BLOCK = 8;
const SPACE = 0x20;

/** How a header is padded beyond its text. */
export interface Padding {
  /** The header's length modulo 8. */
  readonly remainder: number;
  /** Whole blocks of 8 spaces beyond what that remainder asks for. */
  readonly spare: number;
}

/** The padding of an existing header, as a property of the file and not of its text's length. */
export function paddingOf(headerLength: number, textLength: number): Padding {
  return { remainder: headerLength % BLOCK, spare: Math.floor((headerLength - textLength) / BLOCK) };
}

/**
 * The length of a header whose text is `textLength` long. Text that grows and shrinks back gets its
 * old length again, whatever that was, because remainder and spare blocks survive the way there.
 */
export function paddedLength(textLength: number, { remainder, spare }: Padding): number {
  const fill = (remainder - (textLength % BLOCK) + BLOCK) % BLOCK;
  return textLength + fill + spare * BLOCK;
}

/** Length prefix and text, without the spaces at the end. */
export function unpadded(header: Buffer): Buffer {
  let end = header.length;
  while (end > PREFIX && header[end - 1] === SPACE) end--;
  return header.subarray(0, end);
}

/** The length prefix and the text, padded with spaces to `length` bytes. */
export function sealHeader(text: Buffer, length: number): Buffer {
  const header = Buffer.alloc(PREFIX + length, SPACE);
  header.writeBigUInt64LE(BigInt(length));
  text.copy(header, PREFIX);
  return header;
}
