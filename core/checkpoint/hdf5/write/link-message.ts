import { MESSAGE } from '../object-header.ts';
import { FieldWriter } from './field-writer.ts';
import type { PlainMessage } from './header-block.ts';
import type { HdfLink, HdfMessage } from './model.ts';

const KIND_GIVEN = 0x08;
const ORDER_GIVEN = 0x04;
const CHARACTERS_GIVEN = 0x10;
const UTF8 = 1;
const HARD = 0;
/** Of a link info message: links are numbered as they come. */
const TRACKED = 0x01;

/** A link as a message (HDF5 File Format Specification, IV.A.2.g); `address` of what it leads to, null for a soft or external one. */
export function linkMessage(
  name: string,
  { stored }: HdfLink,
  { address, order }: { readonly address: (() => number) | null; readonly order: Buffer | null },
): PlainMessage {
  const text = Buffer.from(name);
  const kind = address ? HARD : (stored?.kind ?? HARD);
  const characters = stored ? stored.characters : UTF8;
  const widthBits = text.length < 2 ** 8 ? 0 : 1;
  const flags =
    widthBits |
    (order ? ORDER_GIVEN : 0) |
    (kind === HARD ? 0 : KIND_GIVEN) |
    (characters === null ? 0 : CHARACTERS_GIVEN);
  const encode = (): Buffer => {
    const fields = new FieldWriter().u8(1, flags);
    if (kind !== HARD) fields.u8(kind);
    if (order) fields.raw(order);
    if (characters !== null) fields.u8(characters);
    fields.uint(text.length, 2 ** widthBits).raw(text);
    return address ? fields.u64(address()).bytes() : fields.raw(stored?.target ?? Buffer.alloc(0)).bytes();
  };
  const target = address ? 8 : (stored?.target.length ?? 0);
  const head = 2 + (kind === HARD ? 0 : 1) + (order?.length ?? 0) + (characters === null ? 0 : 1);
  return { type: MESSAGE.link, flags: 0, order: null, nbytes: head + 2 ** widthBits + text.length + target, encode };
}

/** The order of each link, in its place; those that came since are the last. Null where the group does not keep it. */
export function linkOrders(links: ReadonlyMap<string, HdfLink>, info: HdfMessage | undefined): (Buffer | null)[] {
  const tracked = info !== undefined && ((info.content.bytes[1] ?? 0) & TRACKED) !== 0;
  let next = tracked ? info.content.bytes.readBigUInt64LE(2) : 0n;
  return Array.from(links.values(), ({ stored }) => {
    if (!tracked) return null;
    if (stored?.order) return stored.order;
    const order = Buffer.alloc(8);
    order.writeBigUInt64LE(next++);
    return order;
  });
}

/** The link info message of a group whose links are all messages. */
export function linkInfo(former: Buffer, orders: readonly (Buffer | null)[]): Buffer {
  const flags = former[1] ?? 0;
  const bytes = Buffer.from(former);
  const addresses = 2 + (flags & TRACKED ? 8 : 0);
  bytes.fill(0xff, addresses);
  if (flags & TRACKED) {
    let most = former.readBigUInt64LE(2);
    for (const order of orders) {
      const after = order ? order.readBigUInt64LE() + 1n : 0n;
      if (after > most) most = after;
    }
    bytes.writeBigUInt64LE(most, 2);
  }
  return bytes;
}
