import { InvalidArgumentError } from '../../../errors.ts';
import { metadataChecksum } from '../checksum.ts';
import type { Block } from './block.ts';
import { FieldWriter, padded } from './field-writer.ts';
import type { HeaderStyle } from './model.ts';

/** Attributes are numbered in the order in which they came. */
const ORDERED = 0x04;
const MAX_COUNT = 0xffff;
const PREFIX_V1 = 16;

/** A message as it is written. */
export interface PlainMessage {
  readonly type: number;
  readonly flags: number;
  readonly order: number | null;
  readonly nbytes: number;
  readonly encode: () => Buffer;
}

/** An object header in one piece (HDF5 File Format Specification, IV.A.1). `links` is how many names the object has. */
export function headerBlock(style: HeaderStyle, messages: readonly PlainMessage[], links: number): Block {
  return style.version === 1 ? version1(messages, links) : version2(style, messages);
}

function version1(messages: readonly PlainMessage[], links: number): Block {
  if (messages.length > MAX_COUNT) {
    throw new InvalidArgumentError(`An object of the file has ${messages.length} parts; HDF5 allows ${MAX_COUNT}.`);
  }
  const size = messages.reduce((sum, { nbytes }) => sum + 8 + padded(nbytes), 0);
  return {
    nbytes: PREFIX_V1 + size,
    encode() {
      const fields = new FieldWriter().u8(1, 0).u16(messages.length).u32(links).u32(size).u32(0);
      for (const { type, flags, nbytes, encode } of messages) {
        fields.u16(type).u16(padded(nbytes)).u8(flags, 0, 0, 0).raw(encode()).align();
      }
      return fields.bytes();
    },
  };
}

function version2({ flags, extras }: HeaderStyle, messages: readonly PlainMessage[]): Block {
  const ordered = (flags & ORDERED) !== 0;
  const head = 4 + (ordered ? 2 : 0);
  const size = messages.reduce((sum, { nbytes }) => sum + head + nbytes, 0);
  const widthBits = size < 2 ** 8 ? 0 : size < 2 ** 16 ? 1 : 2;
  const prefix = 6 + extras.length + 2 ** widthBits;
  return {
    nbytes: prefix + size + 4,
    encode() {
      const fields = new FieldWriter()
        .text('OHDR')
        .u8(2, (flags & ~3) | widthBits)
        .raw(extras);
      fields.uint(size, 2 ** widthBits);
      for (const { type, flags: own, order, nbytes, encode } of messages) {
        fields.u8(type).u16(nbytes).u8(own);
        if (ordered) fields.u16(order ?? 0);
        fields.raw(encode());
      }
      return withChecksum(fields);
    },
  };
}

export function withChecksum(fields: FieldWriter): Buffer {
  const bytes = fields.bytes();
  return new FieldWriter().raw(bytes).u32(metadataChecksum(bytes)).bytes();
}
