import { mutateBytes } from './bytes.mjs';
import { otherNumber } from './numbers.mjs';

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const MAX_DEPTH = 12;

/** A message as a tree with one field changed; lengths are mended, or made to lie. */
export function mutateProtobuf(bytes, random) {
  const tree = parse(bytes, 0);
  if (!tree || tree.length === 0) return mutateBytes(bytes, random);
  const places = [];
  collect(tree, places);
  change(random.pick(places), random, bytes.length);
  return serialize(tree);
}

/** Null where the bytes are no message. */
function parse(bytes, depth) {
  const fields = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = varint(bytes, at);
    if (!tag || tag.value < 8n || tag.value >= 1n << 32n) return null;
    const field = one(bytes, { wire: Number(tag.value & 7n), number: tag.value >> 3n, at: tag.end, depth });
    if (!field) return null;
    fields.push(field);
    at = field.end;
  }
  return fields;
}

function one(bytes, { wire, number, at, depth }) {
  if (wire === VARINT) {
    const read = varint(bytes, at);
    return read && { wire, number, value: read.value, end: read.end };
  }
  if (wire === FIXED64 || wire === FIXED32) {
    const end = at + (wire === FIXED64 ? 8 : 4);
    return end > bytes.length ? null : { wire, number, raw: bytes.subarray(at, end), end };
  }
  if (wire !== BYTES) return null;
  const length = varint(bytes, at);
  if (!length || length.value > BigInt(bytes.length - length.end)) return null;
  const end = length.end + Number(length.value);
  const raw = bytes.subarray(length.end, end);
  const children = depth < MAX_DEPTH && raw.length > 1 ? parse(raw, depth + 1) : null;
  return { wire, number, raw, children, end };
}

function varint(bytes, start) {
  let value = 0n;
  for (let i = 0; i < 10 && start + i < bytes.length; i++) {
    const byte = bytes[start + i];
    value |= BigInt(byte & 127) << BigInt(7 * i);
    if (byte < 128) return { value, end: start + i + 1 };
  }
  return null;
}

function collect(fields, places) {
  for (const [index, field] of fields.entries()) {
    places.push({ fields, index });
    if (field.children) collect(field.children, places);
  }
}

function change({ fields, index }, random, size) {
  const field = fields[index];
  switch (random.below(9)) {
    case 0:
      fields.splice(index, 1);
      break;
    case 1:
      fields.splice(index, 0, field);
      break;
    case 2:
      field.number = otherNumber(random, field.number, 32) & 0x1fffffffn;
      break;
    case 3:
      field.wire = random.below(8);
      break;
    case 4:
      field.lie = otherNumber(random, BigInt(field.raw?.length ?? 0), size);
      break;
    case 5:
      fields[index] = nested(field, random.pick([3, 50, 2000]));
      break;
    default:
      changeValue(field, random, size);
  }
}

function changeValue(field, random, size) {
  if (field.value !== undefined) field.value = BigInt.asUintN(64, otherNumber(random, field.value, size));
  else if (field.raw) {
    field.children = null;
    field.raw = mutateBytes(Buffer.from(field.raw), random);
  }
}

/** The field inside itself, many times. */
function nested(field, depth) {
  let raw = serialize([field]);
  for (let i = 0; i < depth; i++) raw = serialize([{ wire: BYTES, number: field.number, raw }]);
  return { wire: BYTES, number: field.number, raw };
}

export function serialize(fields) {
  return Buffer.concat(fields.flatMap((field) => encoded(field)));
}

function encoded({ wire, number, value, raw, children, lie }) {
  const tag = encodeVarint((number << 3n) | BigInt(wire));
  if (wire === VARINT) return [tag, encodeVarint(value ?? 1n)];
  const content = children ? serialize(children) : (raw ?? Buffer.alloc(0));
  return wire === BYTES ? [tag, encodeVarint(lie ?? BigInt(content.length)), content] : [tag, content];
}

export function encodeVarint(value) {
  const bytes = [];
  let left = BigInt.asUintN(64, value);
  for (; left >= 128n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return Buffer.from([...bytes, Number(left)]);
}
