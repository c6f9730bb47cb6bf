import { mutateBytes } from './bytes.mjs';

/** Argument of each opcode: bytes, `line`, `lines`, or a length of that many bytes before it (`-1`, `-4`, `-8`). */
const ARGUMENTS = new Map(
  Object.entries({
    F: 'line',
    I: 'line',
    L: 'line',
    S: 'line',
    V: 'line',
    P: 'line',
    g: 'line',
    p: 'line',
    c: 'lines',
    i: 'lines',
    G: 8,
    J: 4,
    K: 1,
    M: 2,
    T: -4,
    U: -1,
    X: -4,
    B: -4,
    C: -1,
    h: 1,
    j: 4,
    q: 1,
    r: 4,
    '\x80': 1,
    '\x82': 1,
    '\x83': 2,
    '\x84': 4,
    '\x8a': -1,
    '\x8b': -4,
    '\x8c': -1,
    '\x8d': -8,
    '\x8e': -8,
    '\x95': 8,
    '\x96': -8,
  }).map(([opcode, argument]) => [opcode.charCodeAt(0), argument]),
);
const PLAIN = [...'().0:12NQRab]}edolstu']
  .map((c) => c.charCodeAt(0))
  .concat([0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94, 0x97, 0x98]);

const SNIPPETS = [
  'cos\nsystem\n(S"touch /tmp/FIXTURE_PICKLE_RAN"\ntR',
  'cbuiltins\neval\n(S"1"\ntR',
  'ctorch._utils\n_rebuild_tensor_v2\n',
  'ccollections\nOrderedDict\n)R',
  'ctorch\nSize\n',
  ']q\u00f0h\u00f0a',
  '}q\u00f1h\u00f1h\u00f1s',
  '((((((((',
  '2'.repeat(64),
  ')\x81',
  'Nb',
  '(lp0\ng0\na',
  'I99999999999999999999\n',
  '\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f',
  'G\x7f\xf8\x00\x00\x00\x00\x00\x00',
];

/** Opcodes removed, doubled, exchanged, put in; their arguments and lengths changed. What follows STOP stays. */
export function mutatePickle(bytes, random) {
  const opcodes = opcodesOf(bytes);
  const chosen = random.pick(opcodes);
  if (!chosen) return mutateBytes(bytes, random);
  const { start, end, body } = chosen;
  const before = bytes.subarray(0, start);
  const own = bytes.subarray(start, end);
  const after = bytes.subarray(end);
  switch (random.below(9)) {
    case 0:
      return Buffer.concat([before, after]);
    case 1:
      return Buffer.concat([before, own, own, after]);
    case 2:
      return Buffer.concat([before, Buffer.from([random.pick(PLAIN)]), own.subarray(1), after]);
    case 3:
      return Buffer.concat([before, Buffer.from([random.pick(PLAIN)]), own, after]);
    case 4:
      return Buffer.concat([before, Buffer.from(random.pick(SNIPPETS), 'latin1'), own, after]);
    case 5: {
      const other = random.pick(opcodes);
      return Buffer.concat([before, bytes.subarray(other.start, other.end), after]);
    }
    case 6:
      return Buffer.concat([
        before,
        Buffer.alloc(random.pick([100, 5000, 60_000]), random.pick([0x28, 0x5d, 0x7d, 0x32, 0x4e])),
        own,
        after,
      ]);
    default:
      return Buffer.concat([
        bytes.subarray(0, body),
        mutateBytes(bytes.subarray(body, Math.max(end, body + 1)), random),
        after,
      ]);
  }
}

function opcodesOf(bytes) {
  const found = [];
  let at = 0;
  while (at < bytes.length && found.length < 20_000) {
    const start = at;
    const end = endOf(bytes, start);
    if (end === null || end > bytes.length) break;
    found.push({ start, end, body: start + 1 });
    at = end;
  }
  return found;
}

/** Null where the byte is no opcode (in a legacy file: where the storages begin). */
function endOf(bytes, start) {
  const argument = ARGUMENTS.get(bytes[start]);
  const at = start + 1;
  if (argument === undefined) return PLAIN.includes(bytes[start]) || bytes[start] === 0x2e ? at : null;
  if (argument === 'line' || argument === 'lines') {
    const first = bytes.indexOf(0x0a, at);
    const last = argument === 'line' || first < 0 ? first : bytes.indexOf(0x0a, first + 1);
    return last < 0 ? null : last + 1;
  }
  if (argument > 0) return at + argument;
  const width = -argument;
  if (at + width > bytes.length) return null;
  return at + width + bytes.readUIntLE(at, Math.min(width, 6));
}
