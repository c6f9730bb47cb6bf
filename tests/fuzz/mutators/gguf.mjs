import { mutateField, swapFields } from './numbers.mjs';

const WIDTHS = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
const STRING = 8;
const ARRAY = 9;

/** Counts, lengths, types, dimensions and offsets, found by walking the header. */
export function mutateGguf(bytes, random) {
  const fields = fieldsOf(bytes);
  return random.chance(0.2) ? swapFields(bytes, fields, random) : mutateField(bytes, fields, random);
}

function fieldsOf(bytes) {
  const walk = { at: 4, bytes, fields: [] };
  try {
    take(walk, 4);
    const tensors = take(walk, 8);
    const pairs = take(walk, 8);
    for (let i = 0n; i < pairs && i < 500n; i++) {
      string(walk);
      value(walk, Number(take(walk, 4)));
    }
    for (let i = 0n; i < tensors && i < 500n; i++) tensor(walk);
  } catch (error) {
    // A seed that is broken itself: the fields up to there will do.
    if (!(error instanceof RangeError)) throw error;
  }
  return walk.fields;
}

function take(walk, size) {
  const { bytes, at, fields } = walk;
  if (at + size > bytes.length) throw new RangeError('beyond the end');
  fields.push({ at, size });
  walk.at += size;
  return size === 8 ? bytes.readBigUInt64LE(at) : BigInt(bytes.readUIntLE(at, size));
}

function string(walk) {
  const length = take(walk, 8);
  if (length > 0n) walk.fields.push({ at: walk.at, size: 1 });
  walk.at += Number(length);
}

function value(walk, type) {
  if (type === STRING) return string(walk);
  if (type !== ARRAY) return void take(walk, WIDTHS[type] || 1);
  const inner = Number(take(walk, 4));
  const count = take(walk, 8);
  for (let i = 0n; i < count && i < 20n; i++) value(walk, inner);
  if (count > 20n && WIDTHS[inner]) walk.at += Number(count - 20n) * WIDTHS[inner];
}

function tensor(walk) {
  string(walk);
  const dimensions = take(walk, 4);
  for (let i = 0n; i < dimensions; i++) take(walk, 8);
  take(walk, 4);
  take(walk, 8);
}
