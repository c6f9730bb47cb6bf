import { mutateBytes } from './bytes.mjs';
import { maskedCrc32c } from './crc32.mjs';
import { otherNumber, u32 } from './numbers.mjs';
import { encodeVarint, mutateProtobuf } from './protobuf.mjs';

const FOOTER = 48;
const TRAILER = 5;

/** Blocks of a table (TensorFlow's `.index`): their sums are mended, so that what lies in them is looked at. */
export function mutateTable(bytes, random) {
  const blocks = blocksOf(bytes);
  if (blocks.length === 0 || random.chance(0.15)) return mutateBytes(bytes, random);
  if (random.chance(0.5)) return rebuilt(bytes, blocks, random);
  const { start, end } = random.pick(blocks);
  const changed = mutateBytes(bytes.subarray(start, end + 1), random);
  if (changed.length !== end + 1 - start) return mutateBytes(bytes, random);
  return Buffer.concat([bytes.subarray(0, start), changed, u32(maskedCrc32c(changed)), bytes.subarray(end + TRAILER)]);
}

function readVarint(bytes, start) {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[start + i] ?? 0;
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return { value, end: start + i + 1 };
  }
  return { value, end: start + 5 };
}

function readHandle(bytes, start) {
  const offset = readVarint(bytes, start);
  const size = readVarint(bytes, offset.end);
  return { start: offset.value, end: offset.value + size.value, next: size.end };
}

/** The index block first, then the data blocks that it names. */
function blocksOf(bytes) {
  if (bytes.length < FOOTER) return [];
  const footer = bytes.subarray(bytes.length - FOOTER);
  const index = readHandle(footer, readHandle(footer, 0).next);
  const fits = ({ start, end }) => start < end && end + TRAILER <= bytes.length;
  if (!fits(index)) return [];
  const data = entriesOf(bytes.subarray(index.start, index.end)).map(({ value }) => readHandle(value, 0));
  return [index, ...data.filter(fits)];
}

function entriesOf(block) {
  const entries = [];
  let at = 0;
  let key = Buffer.alloc(0);
  const stop = block.length - 4 - 4 * block.readUInt32LE(block.length - 4);
  while (at < stop) {
    const shared = readVarint(block, at);
    const own = readVarint(block, shared.end);
    const length = readVarint(block, own.end);
    const valueAt = length.end + own.value;
    key = Buffer.concat([key.subarray(0, shared.value), block.subarray(length.end, valueAt)]);
    entries.push({ key, value: block.subarray(valueAt, valueAt + length.value) });
    at = valueAt + length.value;
  }
  return entries;
}

/** A table of one data block with a key or a value changed. */
function rebuilt(bytes, [, ...data], random) {
  const entries = data.flatMap(({ start, end }) => entriesOf(bytes.subarray(start, end)));
  const entry = random.pick(entries);
  if (!entry) return mutateBytes(bytes, random);
  if (random.chance(0.8)) entry.value = mutateProtobuf(entry.value, random);
  else entry.key = mutateBytes(entry.key, random);
  const block = blockOf(entries, random);
  const handle = (start, end) => Buffer.concat([encodeVarint(BigInt(start)), encodeVarint(BigInt(end - TRAILER))]);
  const index = blockOf([{ key: Buffer.from([0xff]), value: handle(0, block.length) }], random);
  const handles = Buffer.concat([handle(block.length, TRAILER), handle(block.length, index.length)]);
  const footer = Buffer.concat([handles, Buffer.alloc(Math.max(0, 40 - handles.length)), bytes.subarray(-8)]);
  return Buffer.concat([block, index, footer]);
}

function blockOf(entries, random) {
  const lie = random.chance(0.1) ? random.below(entries.length) : -1;
  const parts = entries.map(({ key, value }, i) => {
    const length = BigInt(value.length);
    return Buffer.concat([
      ...[0n, BigInt(key.length), i === lie ? BigInt.asUintN(32, otherNumber(random, length, 1000)) : length].map(
        encodeVarint,
      ),
      ...[key, value],
    ]);
  });
  const body = Buffer.concat([...parts, u32(0, 1), Buffer.from([0])]);
  return Buffer.concat([body, u32(maskedCrc32c(body))]);
}
