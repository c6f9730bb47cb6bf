import type { Fields, HdfBytes } from './fields.ts';

/** Types of header messages (HDF5 File Format Specification, IV.A.2). */
export const MESSAGE = {
  nil: 0x00,
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  oldFillValue: 0x04,
  fillValue: 0x05,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  groupInfo: 0x0a,
  filters: 0x0b,
  attribute: 0x0c,
  comment: 0x0d,
  oldModified: 0x0e,
  continuation: 0x10,
  symbolTable: 0x11,
  modified: 0x12,
  attributeInfo: 0x15,
  references: 0x16,
} as const;

const SHARED = 0x02;
/** Attributes are the most: HDF5 keeps at most 65,535 bytes in each. */
const MAX_MESSAGES = 100_000;
const MAX_BLOCKS = 10_000;
const PREFIX_V1 = 16;

/** A message of an object header: what one object says of itself. */
export interface HeaderMessage {
  readonly type: number;
  readonly fields: Fields;
}

interface Block {
  readonly address: number;
  readonly nbytes: number;
}

/** A message as it stands in its header. */
export interface StoredMessage extends HeaderMessage {
  readonly flags: number;
  /** In which order attributes came, where the object keeps that; else null. */
  readonly order: number | null;
}

/** An object header as it stands in the file; what continues it is part of it. */
export interface StoredHeader {
  readonly version: 1 | 2;
  /** Of version 2; 0 of version 1. */
  readonly flags: number;
  /** What version 2 has between its flags and its size: times, and when attributes move out. */
  readonly extras: Buffer;
  readonly messages: readonly StoredMessage[];
}

/** Reads every message of an object header, version 1 or 2, with its continuations; shared messages are looked up. */
export async function readObjectHeader(file: HdfBytes, address: number): Promise<HeaderMessage[]> {
  return await readMessages(file, address, true);
}

/** As `readObjectHeader`, shared messages as references to where they stand. */
export async function readStoredHeader(file: HdfBytes, address: number): Promise<StoredHeader> {
  const first = await file.bytes.bytes(address, 4, 'an object header');
  return first.toString('latin1') === 'OHDR' ? await readVersion2(file, address) : await readVersion1(file, address);
}

export function isShared({ flags }: StoredMessage): boolean {
  return (flags & SHARED) !== 0;
}

async function readMessages(file: HdfBytes, address: number, follow: boolean): Promise<HeaderMessage[]> {
  const messages: HeaderMessage[] = [];
  for (const message of (await readStoredHeader(file, address)).messages) {
    const { type, fields } = message;
    if (!isShared(message)) messages.push({ type, fields });
    else if (follow) messages.push({ type, fields: await sharedMessage(file, type, fields) });
  }
  return messages;
}

async function readVersion1(file: HdfBytes, address: number): Promise<StoredHeader> {
  const prefix = await file.fields(address, PREFIX_V1, 'an object header');
  const version = prefix.u8();
  if (version !== 1) file.fail(`an object header is of version ${version}; 1 and 2 are read`, address);
  prefix.skip(1 + 2 + 4);
  const size = prefix.u32();
  const first = { address: address + PREFIX_V1, nbytes: size };
  const messages = await readBlocks(file, first, async (block, found) => {
    const fields = await file.fields(block.address, block.nbytes, 'an object header');
    while (fields.left >= 8) {
      const [type, nbytes, flags] = [fields.u16(), fields.u16(), fields.u8()];
      fields.skip(3);
      found({ type, flags, order: null, fields: fields.part(nbytes) });
    }
  });
  return { version: 1, flags: 0, extras: Buffer.alloc(0), messages };
}

async function readVersion2(file: HdfBytes, address: number): Promise<StoredHeader> {
  const what = 'an object header';
  const prefix = await file.structure(address, Math.min(34, file.bytes.size - address), { mark: 'OHDR', what });
  const version = prefix.u8();
  if (version !== 2) file.fail(`an object header is of version ${version}; 1 and 2 are read`, address);
  const flags = prefix.u8();
  const extras = Buffer.from(prefix.take((flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0)));
  const size = prefix.uint(2 ** (flags & 3));
  const ordered = (flags & 0x04) !== 0;
  const start = prefix.at;
  const chunk = { address, nbytes: start + size + 4 };
  const messages = await readBlocks(file, chunk, async (block, found) => {
    const isFirst = block.address === address;
    const fields = await file.checked(block.address, block.nbytes, { mark: isFirst ? 'OHDR' : 'OCHK', what });
    if (isFirst) fields.skip(start - fields.at);
    const head = 4 + (ordered ? 2 : 0);
    // What is shorter than a message's head before the checksum is a gap.
    while (fields.left >= 4 + head) {
      const [type, nbytes, messageFlags] = [fields.u8(), fields.u16(), fields.u8()];
      const order = ordered ? fields.u16() : null;
      if (nbytes > fields.left - 4) fields.fail('a message leaves its object header');
      found({ type, flags: messageFlags, order, fields: fields.part(nbytes) });
    }
  });
  return { version: 2, flags, extras, messages };
}

type ReadBlock = (block: Block, found: (message: StoredMessage) => void) => Promise<void>;

/** Reads a header's blocks: the first, and those that continuation messages name. */
async function readBlocks(file: HdfBytes, first: Block, read: ReadBlock): Promise<StoredMessage[]> {
  const messages: StoredMessage[] = [];
  const blocks = [first];
  const seen = new Set([first.address]);
  for (let block = blocks.shift(); block; block = blocks.shift()) {
    await read(block, (message) => {
      if (messages.length >= MAX_MESSAGES)
        file.fail(`an object header has more than ${MAX_MESSAGES} messages`, first.address);
      if (message.type !== MESSAGE.continuation) {
        messages.push(message);
        return;
      }
      const { fields } = message;
      const next = { address: fields.requiredAddress('the continuation of an object header'), nbytes: fields.size() };
      if (seen.has(next.address) || seen.size >= MAX_BLOCKS)
        fields.fail('the continuations of an object header run in a circle');
      seen.add(next.address);
      blocks.push(next);
    });
  }
  return messages;
}

/** The message that another object's header holds for several: a committed datatype. */
export async function sharedMessage(file: HdfBytes, type: number, fields: Fields): Promise<Fields> {
  const version = fields.u8();
  const kind = fields.u8();
  if (version === 1) fields.skip(6);
  if (version === 0 || version > 3) return fields.fail(`a shared message is of version ${version}; 1 to 3 are read`);
  if (version === 3 && kind === 1) return fields.fail('messages shared in a heap of the file are not read');
  const address = fields.requiredAddress('a shared message');
  const holder = await readMessages(file, address, false);
  const found = holder.find((message) => message.type === type);
  return found?.fields ?? file.fail('the holder of a shared message does not have it', address);
}
