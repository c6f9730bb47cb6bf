/** Numbers on whose edges parsers stumble: as BigInts, to be cut to the width of a field. */
const EDGES = [0n, 1n, 2n, 7n, 8n, 127n, 128n, 255n, 256n, 65535n, 65536n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n]
  .concat([2n ** 32n, 2n ** 40n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 60n, 2n ** 62n, 2n ** 63n - 1n, 2n ** 63n])
  .concat([2n ** 64n - 1n, 2n ** 64n - 8n]);

/** Another value for a number that was `value` in a file of `size` bytes. */
export function otherNumber(random, value, size) {
  switch (random.below(8)) {
    case 0:
      return value + 1n;
    case 1:
      return value - 1n;
    case 2:
      return value * 2n;
    case 3:
      return value / 2n;
    case 4:
      return BigInt(random.below(size + 16));
    case 5:
      return BigInt(random.word());
    case 6:
      return value ^ (1n << BigInt(random.below(64)));
    default:
      return random.pick(EDGES);
  }
}

export function readNumber(bytes, { at, size, big = false }) {
  let value = 0n;
  for (let i = 0; i < size; i++) value = (value << 8n) | BigInt(bytes[big ? at + i : at + size - 1 - i]);
  return value;
}

export function writeNumber(bytes, { at, size, big = false }, value) {
  let left = BigInt.asUintN(size * 8, value);
  for (let i = 0; i < size; i++) {
    bytes[big ? at + size - 1 - i : at + i] = Number(left & 255n);
    left >>= 8n;
  }
}

/** A copy with another value in one of `fields` ({at, size, big?}); the same bytes where there is none. */
export function mutateField(bytes, fields, random) {
  const field = random.pick(fields);
  if (!field || field.at + field.size > bytes.length) return bytes;
  const copy = Buffer.from(bytes);
  writeNumber(copy, field, otherNumber(random, readNumber(bytes, field), bytes.length));
  return copy;
}

/** Swaps the values of two fields of one width. */
export function swapFields(bytes, fields, random) {
  const a = random.pick(fields);
  const b = random.pick(fields.filter(({ size }) => size === a?.size));
  if (!a || !b || Math.max(a.at, b.at) + a.size > bytes.length) return bytes;
  const copy = Buffer.from(bytes);
  writeNumber(copy, a, readNumber(bytes, b));
  writeNumber(copy, b, readNumber(bytes, a));
  return copy;
}

export function u32(...values) {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(Number(BigInt.asUintN(32, BigInt(value))), i * 4);
  return bytes;
}

export function u16(...values) {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [i, value] of values.entries()) bytes.writeUInt16LE(value & 0xffff, i * 2);
  return bytes;
}
