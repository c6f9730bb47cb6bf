import { mutateField } from './numbers.mjs';

const PIECES = [
  "'<f4'",
  "'>f8'",
  "'|O'",
  "'<U8'",
  "'<M8[s]'",
  '[]',
  '()',
  '(-1,)',
  '(1099511627776, 1099511627776)',
  'None',
]
  .concat([
    'True',
    'False',
    "[('a', '<f4'), ('b', '|u1', (2,))]",
    "'|V16'",
    "'<f3'",
    "'<c16'",
    '1e9',
    '"',
    '{',
    '(',
    ',',
  ])
  .concat([`(${'1,'.repeat(70)})`, '('.repeat(3000), "'|b1'", '(18446744073709551615,)', '(0, 9007199254740993)']);

/** The header's text, its length and its version; the data stay. */
export function mutateNpy(bytes, random) {
  const wide = bytes[6] >= 2;
  const start = wide ? 12 : 10;
  const length = wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8);
  const kind = random.below(4);
  if (kind === 0)
    return mutateField(
      bytes,
      [
        { at: 8, size: wide ? 4 : 2 },
        { at: 6, size: 1 },
        { at: 7, size: 1 },
      ],
      random,
    );
  const text = bytes.toString('latin1', start, start + length);
  const values = [...text.matchAll(/(?<=: )(\([^)]*\)|\[[^\]]*\]|'[^']*'|\w+)/g)];
  const value = random.pick(values);
  const other = random.pick(PIECES);
  const at = value ? value.index : random.below(text.length);
  const changed = `${text.slice(0, at)}${other}${text.slice(at + (value ? value[0].length : 1))}`;
  const header = Buffer.from(changed, 'latin1');
  const head = Buffer.from(bytes.subarray(0, start));
  if (wide) head.writeUInt32LE(header.length, 8);
  else head.writeUInt16LE(Math.min(header.length, 65535), 8);
  return Buffer.concat([head, header, bytes.subarray(start + length)]);
}
