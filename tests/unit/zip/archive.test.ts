import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ByteSource } from '../../../core/checkpoint/byte-source.ts';
import { openZip } from '../../../core/checkpoint/zip/archive.ts';
import { leavesArchive } from '../../../core/checkpoint/zip/member-name.ts';
import { ParascopeError } from '../../../core/errors.ts';

interface Member {
  readonly name: string;
  readonly data?: Buffer;
  readonly deflate?: boolean;
  /** Bytes of padding in the local extra field, as PyTorch aligns its records. */
  readonly padding?: number;
  /** What the directory says instead of the truth. */
  readonly claims?: { readonly nbytes?: number; readonly header?: number; readonly compressed?: number };
  readonly localName?: string;
  readonly flags?: number;
  readonly method?: number;
}

interface Options {
  /** Sizes and places in 64-bit records. */
  readonly wide?: boolean;
  readonly comment?: string;
}

/** A zip archive by PKWARE's APPNOTE, whether its parts fit each other or not. */
function zip(members: readonly Member[], { wide = false, comment = '' }: Options = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const { name, data = Buffer.from(name), deflate = false, padding = 0, claims = {}, flags = 0 } = member;
    const packed = deflate ? deflateRawSync(data) : data;
    const method = member.method ?? (deflate ? 8 : 0);
    const localName = Buffer.from(member.localName ?? name);
    const { nbytes = data.length, compressed = packed.length, header = offset } = claims;
    const fields = (size: number, stored: number, length: number): Buffer => {
      const common = Buffer.alloc(22);
      common.writeUInt16LE(flags, 0);
      common.writeUInt16LE(method, 2);
      common.writeUInt32LE(crc32(data), 8);
      common.writeUInt32LE(wide ? 0xffffffff : stored, 12);
      common.writeUInt32LE(wide ? 0xffffffff : size, 16);
      common.writeUInt16LE(length, 20);
      return common;
    };
    const local = Buffer.concat([
      Buffer.from('PK\x03\x04\x2d\x00', 'latin1'),
      fields(data.length, packed.length, localName.length),
      u16(padding),
      localName,
      Buffer.alloc(padding),
      packed,
    ]);
    const extra = wide ? Buffer.concat([u16(1), u16(24), u64(nbytes), u64(compressed), u64(header)]) : Buffer.alloc(0);
    const tail = Buffer.alloc(16);
    tail.writeUInt16LE(extra.length, 0);
    tail.writeUInt32LE(wide ? 0xffffffff : header, 12);
    const central = [
      Buffer.from('PK\x01\x02\x2d\x00\x2d\x00', 'latin1'),
      fields(nbytes, compressed, Buffer.byteLength(name)),
    ];
    directory.push(Buffer.concat([...central, tail, Buffer.from(name), extra]));
    parts.push(local);
    offset += local.length;
  }
  return Buffer.concat([
    ...parts,
    ...directory,
    ending(members.length, Buffer.concat(directory).length, offset, { wide, comment }),
  ]);
}

function ending(count: number, nbytes: number, offset: number, { wide = false, comment = '' }: Options): Buffer {
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(wide ? 0xffff : count, 8);
  end.writeUInt16LE(wide ? 0xffff : count, 10);
  end.writeUInt32LE(wide ? 0xffffffff : nbytes, 12);
  end.writeUInt32LE(wide ? 0xffffffff : offset, 16);
  end.writeUInt16LE(comment.length, 20);
  const all = Buffer.concat([end, Buffer.from(comment, 'latin1')]);
  if (!wide) return all;
  const end64 = Buffer.concat([
    Buffer.from('PK\x06\x06', 'latin1'),
    u64(44),
    u16(45),
    u16(45),
    Buffer.alloc(8),
    u64(count),
    u64(count),
    u64(nbytes),
    u64(offset),
  ]);
  const locator = Buffer.concat([
    Buffer.from('PK\x06\x07', 'latin1'),
    Buffer.alloc(4),
    u64(offset + nbytes),
    Buffer.from([1, 0, 0, 0]),
  ]);
  return Buffer.concat([end64, locator, all]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function sourceOf(bytes: Buffer): ByteSource {
  return { name: 'a.zip', size: bytes.length, read: async (start, nbytes) => bytes.subarray(start, start + nbytes) };
}

async function contentOf(bytes: Buffer): Promise<Record<string, string>> {
  const archive = await openZip(sourceOf(bytes));
  const content: Record<string, string> = {};
  for (const member of archive.members) {
    content[member.name] = (await archive.read(member, 1e6)).toString('latin1');
    const [head] = await archive.heads([member], 3);
    expect(head?.toString('latin1')).toBe(content[member.name]?.slice(0, 3));
  }
  return content;
}

describe('an archive', () => {
  test.each([
    ['as it is', {}],
    ['with 64-bit records', { wide: true }],
    ['with a comment that looks like its end', { comment: 'PK\x05\x06 and more than twenty-two bytes of it' }],
    ['with both', { wide: true, comment: 'PK\x05\x06' }],
  ])('gives its members back, %s', async (_, options) => {
    const members = [
      { name: 'stored', data: Buffer.from('first') },
      { name: 'archive/data/0', data: Buffer.from('aligned'), padding: 53 },
      { name: 'deflated', data: Buffer.from('abc'.repeat(50_000)), deflate: true },
      { name: '権重', data: Buffer.from('named') },
      { name: 'empty', data: Buffer.alloc(0) },
    ];
    const expected = Object.fromEntries(members.map(({ name, data }) => [name, data.toString('latin1')]));
    expect(await contentOf(zip(members, options))).toEqual(expected);
  });

  test('without members is one', async () => {
    expect(await contentOf(zip([]))).toEqual({});
  });

  test('has members that can be read in place', async () => {
    const bytes = zip([
      { name: 'a', padding: 5 },
      { name: 'inner', data: Buffer.from('0123456789'), padding: 30 },
    ]);
    const archive = await openZip(sourceOf(bytes));
    const inner = archive.find('inner');
    const source = inner && (await archive.sourceOf(inner));
    expect(Buffer.from((await source?.read(3, 4)) ?? []).toString()).toBe('3456');
    expect(inner && archive.storedBytes(inner, { file: 2, offset: await archive.dataOffset(inner) })).toMatchObject({
      runs: [{ file: 2, nbytes: 10 }],
      compression: 'none',
      length: 10,
    });
  });
});

const long = Buffer.alloc(100, 1);
const refused: [what: string, bytes: () => Buffer, code: string, message: RegExp][] = [
  ['a name twice', () => zip([{ name: 'a' }, { name: 'a' }]), 'CHECKPOINT_FORMAT', /two members called "a"/],
  ...['../a', 'a/../../b', '/etc/passwd', 'C:\\a', '..\\a', 'a\0b', ''].map((name): (typeof refused)[number] => [
    `the name ${JSON.stringify(name)}`,
    () => zip([{ name, data: long }]),
    'UNSAFE_CHECKPOINT',
    /leads out of the archive/,
  ]),
  [
    'members that overlap',
    () =>
      zip([
        { name: 'a', data: long },
        { name: 'b', data: long, claims: { header: 10 } },
      ]),
    'CHECKPOINT_FORMAT',
    /overlaps what follows/,
  ],
  [
    'a member that reaches into the directory',
    () => zip([{ name: 'a', data: long, claims: { compressed: 120, nbytes: 120 } }]),
    'CHECKPOINT_FORMAT',
    /overlaps what follows|beyond the end/,
  ],
  [
    'more unpacked bytes than deflate can give',
    () => zip([{ name: 'bomb', data: long, deflate: true, claims: { nbytes: 1e9 } }]),
    'UNSAFE_CHECKPOINT',
    /no deflate stream can/,
  ],
  [
    'a stored member of two sizes',
    () => zip([{ name: 'a', data: long, claims: { nbytes: 99 } }]),
    'CHECKPOINT_FORMAT',
    /stored in 100 bytes, but is said to have 99/,
  ],
  ['an encrypted member', () => zip([{ name: 'a', flags: 1 }]), 'UNSAFE_CHECKPOINT', /is encrypted/],
  ['a method that is not read', () => zip([{ name: 'a', method: 12 }]), 'CHECKPOINT_FORMAT', /packed by method 12/],
  [
    'a member beyond 2^53',
    () => zip([{ name: 'a', claims: { header: 2 ** 60 } }], { wide: true }),
    'CHECKPOINT_FORMAT',
    /beyond the end/,
  ],
  ['no end', () => zip([{ name: 'a' }]).subarray(0, -5), 'CHECKPOINT_FORMAT', /no directory: it is cut short/],
];

test.each(refused)('an archive with %s is refused', async (_, bytes, code, message) => {
  await expect(openZip(sourceOf(bytes()))).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test.each([
  ['another name where it lies', { name: 'a', localName: 'b' }, /another name where it lies/],
  [
    'fewer bytes than announced',
    { name: 'a', data: long, deflate: true, claims: { nbytes: 101 } },
    /unpacks to 100 bytes, not to 101/,
  ],
  [
    'more bytes than announced',
    { name: 'a', data: long, deflate: true, claims: { nbytes: 99 } },
    /more than the 99 bytes/,
  ],
])('a member with %s is refused when it is read', async (_, member, message) => {
  const archive = await openZip(sourceOf(zip([member])));
  const [first] = archive.members;
  await expect(first && archive.read(first, 1000)).rejects.toThrow(message);
});

test('a damaged archive is refused, or gives what fits its checksums', async () => {
  const good = zip([
    { name: 'a', data: long, padding: 9 },
    { name: 'b', data: Buffer.from('xyz'.repeat(100)), deflate: true },
  ]);
  const change = fc.record({ at: fc.nat(good.length - 1), byte: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const bytes = Buffer.from(good);
      for (const { at, byte } of changes) bytes[at] = byte;
      try {
        await contentOf(bytes);
      } catch (error) {
        if (!(error instanceof ParascopeError)) throw error;
        expect(error.message).toContain('a.zip');
      }
    }),
    { numRuns: 500 },
  );
});

test("TensorFlow's names with a colon lead nowhere, drives and parent folders do", () => {
  expect(['W:0.npy', 'a/b:0.npy', 'layer..1/w.npy'].map(leavesArchive)).toEqual([false, false, false]);
  expect(['C:/w.npy', 'c:\\w.npy', '/w.npy', '../w.npy', 'a/../../w.npy', 'a\\..\\w'].map(leavesArchive)).toEqual(
    new Array(6).fill(true),
  );
});
