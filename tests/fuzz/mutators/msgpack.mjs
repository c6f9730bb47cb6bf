import { mutateBytes } from './bytes.mjs';
import { otherNumber, readNumber, writeNumber } from './numbers.mjs';

/** Bytes that the length after each head byte takes, and what it counts. */
const HEADS = new Map([
  [0xc4, 1],
  [0xc5, 2],
  [0xc6, 4],
  [0xc7, 1],
  [0xc8, 2],
  [0xc9, 4],
  [0xd9, 1],
  [0xda, 2],
  [0xdb, 4],
  [0xdc, 2],
  [0xdd, 4],
  [0xde, 2],
  [0xdf, 4],
]);
const FIXED = new Map([
  [0xca, 4],
  [0xcb, 8],
  [0xcc, 1],
  [0xcd, 2],
  [0xce, 4],
  [0xcf, 8],
  [0xd0, 1],
  [0xd1, 2],
  [0xd2, 4],
  [0xd3, 8],
]);

/** Head bytes, lengths, extension types and the content of extensions, which is MessagePack again. */
export function mutateMsgpack(bytes, random) {
  const walk = { bytes, at: 0, items: [] };
  while (walk.at < bytes.length && walk.items.length < 5000) item(walk);
  const chosen = random.pick(walk.items);
  if (!chosen) return mutateBytes(bytes, random);
  const { start, end, length, inner } = chosen;
  if (inner && random.chance(0.6)) return withInner(bytes, chosen, mutateMsgpack(bytes.subarray(inner, end), random));
  switch (random.below(5)) {
    case 0:
      return spliced(
        bytes,
        start,
        start + 1,
        Buffer.from([random.pick([...HEADS.keys(), 0x80, 0x8f, 0x90, 0x9f, 0xc0, 0xc1])]),
      );
    case 1:
      return spliced(bytes, start, end, Buffer.from([random.pick([0xc0, 0xc2, 0x00, 0xff, 0x80, 0x90, 0xa0])]));
    case 2:
      return spliced(bytes, start, start, bytes.subarray(start, end));
    case 3:
      return Buffer.concat([
        bytes.subarray(0, start),
        Buffer.alloc(random.pick([10, 2000, 100_000]), random.pick([0x81, 0x91])),
        bytes.subarray(start),
      ]);
    default:
      return length ? renumbered(bytes, length, random) : mutateBytes(bytes, random);
  }
}

function renumbered(bytes, field, random) {
  const copy = Buffer.from(bytes);
  writeNumber(copy, field, otherNumber(random, readNumber(bytes, field), bytes.length));
  return copy;
}

/** An extension with other content, its length mended. */
function withInner(bytes, { length, inner, end }, content) {
  const copy = Buffer.concat([bytes.subarray(0, inner), content, bytes.subarray(end)]);
  if (length) writeNumber(copy, length, BigInt(content.length));
  return copy;
}

function spliced(bytes, start, end, middle) {
  return Buffer.concat([bytes.subarray(0, start), middle, bytes.subarray(end)]);
}

/** Notes one head with its length field; containers are walked through, item by item. */
function item(walk) {
  const { bytes, at: start } = walk;
  const head = bytes[start];
  const width = HEADS.get(head) ?? 0;
  const length = width > 0 && start + 1 + width <= bytes.length ? { at: start + 1, size: width, big: true } : null;
  const count = length ? Number(readNumber(bytes, length)) : 0;
  let content = 0;
  if ((head & 0xe0) === 0xa0) content = head & 31;
  else if (FIXED.has(head)) content = FIXED.get(head);
  else if (head >= 0xd4 && head <= 0xd8) content = 1 + 2 ** (head - 0xd4);
  else if (head >= 0xc7 && head <= 0xc9) content = 1 + count;
  else if (head >= 0xc4 && head <= 0xdb) content = count;
  const end = Math.min(bytes.length, start + 1 + width + content);
  const isExtension = head >= 0xc7 && head <= 0xc9;
  walk.items.push({ start, end, length, inner: isExtension ? start + 2 + width : 0 });
  walk.at = Math.max(end, start + 1);
}
