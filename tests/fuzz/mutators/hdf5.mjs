import { mutateField, readNumber, swapFields, writeNumber } from './numbers.mjs';

const SIGNATURES = [
  '\x89HDF',
  'OHDR',
  'OCHK',
  'TREE',
  'SNOD',
  'HEAP',
  'GCOL',
  'BTHD',
  'BTLF',
  'BTIN',
  'FRHP',
  'FHDB',
  'FHIB',
].concat(['FSHD', 'FSSE', 'FAHD', 'FADB', 'EAHD', 'EAIB', 'EASB', 'EADB']);
/** Longest structure whose sum is searched for. */
const REACH = 1200;
const sums = new WeakMap();

/** Fields of superblocks, object headers, B-trees, heaps and chunk indices; Jenkins sums over them are mended. */
export function mutateHdf5(bytes, random) {
  const spots = structuresOf(bytes);
  const spot = random.pick(spots);
  if (!spot) return bytes;
  const fields = fieldsAt(bytes, spot);
  const changed = random.chance(0.2) ? swapFields(bytes, fields, random) : mutateField(bytes, fields, random);
  return changed === bytes ? bytes : mended(bytes, changed, spot);
}

function structuresOf(bytes) {
  const found = [];
  for (const text of SIGNATURES) {
    const signature = Buffer.from(text, 'latin1');
    for (let at = bytes.indexOf(signature); at >= 0; at = bytes.indexOf(signature, at + 4))
      found.push({ at, signed: true });
  }
  // Object headers of version 1 have no signature: version 1, reserved 0, few messages, one reference.
  for (let at = 0; at + 16 <= bytes.length; at += 8) {
    const isHeader = bytes[at] === 1 && bytes[at + 1] === 0 && bytes[at + 3] === 0 && bytes[at + 2] > 0;
    if (isHeader && bytes.readUInt32LE(at + 4) === 1) found.push({ at, signed: false });
  }
  return found;
}

function fieldsAt(bytes, { at }) {
  const fields = [];
  const reach = Math.min(bytes.length, at + 256);
  for (let start = at; start < reach; start++) {
    fields.push({ at: start, size: 1 });
    if (start % 2 === 0 && start + 2 <= reach) fields.push({ at: start, size: 2 });
    if (start % 4 === 0 && start + 4 <= reach) fields.push({ at: start, size: 4 });
    if (start % 8 === at % 8 && start + 8 <= reach) fields.push({ at: start, size: 8 }, { at: start, size: 8 });
  }
  return fields;
}

/** Where the seed has a sum behind the structure, the changed bytes get their own. */
function mended(bytes, changed, { at, signed }) {
  const length = signed ? sumAt(bytes, at) : null;
  if (length === null) return changed;
  writeNumber(changed, { at: at + length, size: 4 }, BigInt(lookup3(changed.subarray(at, at + length))));
  return changed;
}

/** Bytes between a structure's start and its sum; null where it has none. */
function sumAt(bytes, at) {
  const known = sums.get(bytes.buffer) ?? new Map();
  sums.set(bytes.buffer, known);
  const key = bytes.byteOffset + at;
  if (!known.has(key)) known.set(key, searched(bytes, at));
  return known.get(key);
}

function searched(bytes, at) {
  for (let length = 8; length < REACH && at + length + 4 <= bytes.length; length++) {
    if (readNumber(bytes, { at: at + length, size: 4 }) === BigInt(lookup3(bytes.subarray(at, at + length))))
      return length;
  }
  return null;
}

const rotate = (value, by) => (value << by) | (value >>> (32 - by));

/** Bob Jenkins' lookup3 with initial value 0: what HDF5 stores behind its newer structures. */
function lookup3(bytes) {
  let a = (0xdeadbeef + bytes.length) | 0;
  let b = a;
  let c = a;
  const word = (at) =>
    (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  let at = 0;
  for (; bytes.length - at > 12; at += 12) {
    a = (a + word(at)) | 0;
    b = (b + word(at + 4)) | 0;
    c = (c + word(at + 8)) | 0;
    a = (a - c) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 4);
    b = (b + a) | 0;
  }
  if (bytes.length === at) return c >>> 0;
  a = (a + word(at)) | 0;
  b = (b + word(at + 4)) | 0;
  c = (c + word(at + 8)) | 0;
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return c >>> 0;
}
