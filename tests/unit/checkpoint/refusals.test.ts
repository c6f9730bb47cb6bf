import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { foreignFixtures, malformedFixtures } from '../../fixtures/catalog.ts';
import { safetensors, temporaryFolder } from './make.ts';
import { refusal } from './refusal.ts';

const folder = temporaryFolder();

/** `offset` is the byte where the rule is broken; undefined where no byte is to blame. */
const MALFORMED: Record<string, { code: string; message: RegExp; offset?: number }> = {
  'cut80_all_dtypes.safetensors': {
    code: 'CHECKPOINT_FORMAT',
    message: /cut short: its tensors take 924 bytes/,
    offset: 1923,
  },
  'index_missing_shard/model.safetensors.index.json': {
    code: 'CHECKPOINT_FORMAT',
    message: /the shard "model-00002-of-00002.safetensors" is missing/,
  },
  'index_traversal/model.safetensors.index.json': {
    code: 'UNSAFE_CHECKPOINT',
    message: /names the shard "\.\.\/.*outside the folder of the index.*Nothing was opened/,
  },
  'st_header_length_past_end.safetensors': {
    code: 'CHECKPOINT_FORMAT',
    message: /header is said to take 100000 bytes, but only 78 follow/,
    offset: 0,
  },
  'st_invalid_utf8.safetensors': { code: 'CHECKPOINT_FORMAT', message: /not valid UTF-8/, offset: 11 },
  'st_negative_shape.safetensors': {
    code: 'CHECKPOINT_FORMAT',
    message: /tensor "w": the shape holds -2, which is negative/,
    offset: 41,
  },
  'st_not_json.safetensors': {
    code: 'CHECKPOINT_FORMAT',
    message: /header is not JSON: it must begin with \{/,
    offset: 8,
  },
  'st_offsets_past_end.safetensors': {
    code: 'CHECKPOINT_FORMAT',
    message: /its tensors take 1600 bytes of data, but only 16 are there, and tensor "w" reaches beyond/,
    offset: 90,
  },
  'st_overlapping.safetensors': {
    code: 'CHECKPOINT_FORMAT',
    message: /tensor "b" begins at byte 8 of the data, but tensor "a" ends at byte 16: they overlap by 8 bytes/,
    offset: 123,
  },
  'st_size_mismatch.safetensors': {
    code: 'CHECKPOINT_FORMAT',
    message: /tensor "w": \(3, 2\) of float32 takes 24 bytes, but data_offsets span 16/,
    offset: 64,
  },
  'st_truncated_data.safetensors': {
    code: 'CHECKPOINT_FORMAT',
    message: /its tensors take 32 bytes of data, but only 27 are there, and tensor "b" reaches beyond/,
    offset: 163,
  },
  'st_truncated_header.safetensors': {
    code: 'CHECKPOINT_FORMAT',
    message: /header is said to take 128 bytes, but only 32 follow/,
    offset: 0,
  },
};

describe('malformed fixtures', () => {
  test('each has a refusal of its own', () => {
    const ids = malformedFixtures().map(({ id }) => id.slice('malformed/'.length));
    expect(ids.sort()).toEqual(Object.keys(MALFORMED).sort());
  });

  test.each(malformedFixtures())('$id: $expected.note', async ({ id, path }) => {
    const before = readFileSync(path);
    const expected = MALFORMED[id.slice('malformed/'.length)]!;
    const error = await refusal(path);
    expect(error.code).toBe(expected.code);
    expect(error.message).toMatch(expected.message);
    expect(error.details.offset).toBe(expected.offset);
    expect(readFileSync(path)).toEqual(before);
  });
});

describe('files of other formats', () => {
  test.each(foreignFixtures())('$id is refused for what it is', async ({ path }) => {
    const error = await refusal(path);
    expect(error.code).toBe('CHECKPOINT_FORMAT');
    expect(error.message).toMatch(/ is (an? |of no format|empty)/);
  });

  test('a git-lfs pointer is told by its first line, whatever its name', async () => {
    const text = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4000000000\n';
    const error = await refusal(folder.write('model.safetensors', text));
    expect(error.message).toBe(
      'model.safetensors is a Git LFS pointer, not the weights themselves. ' +
        'Run "git lfs pull" in its repository, or download the file itself.',
    );
  });

  test.each([
    ['login.safetensors', '<!DOCTYPE html><html></html>', 'is a web page (HTML), not a checkpoint'],
    ['empty.safetensors', '', 'is empty (0 bytes)'],
    ['error.safetensors', '{"error": "Entry not found"}', 'is a JSON file without a "weight_map"'],
    ['annex.pt', '/annex/objects/SHA256E-s4--00.pt\n', 'is a git-annex pointer'],
    ['page.npz', ' <html lang="en">', 'is a web page (HTML)'],
    ['weights.onnx', 'version https://git-lfs.github.com/spec/v1\n', 'is a Git LFS pointer'],
    ['weights.tar.zst', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]), 'is a Zstandard archive. Unpack it'],
    ['paper.pdf', '%PDF-1.7', 'is a PDF document. It holds no weights.'],
    ['plot.pt', Buffer.from('89504e470d0a1a0a', 'hex'), 'is a picture. It holds no weights.'],
    ['notes.txt', 'hello, world: these are notes', 'is of no format that Parascope knows'],
  ])('%s', async (name, content, message) => {
    expect((await refusal(folder.write(name, content))).message).toContain(`${name} ${message}`);
  });

  test('a folder, a device, a pipe and nothing at all', async () => {
    const pipe = join(folder.path, 'pipe.safetensors');
    execFileSync('mkfifo', [pipe]);
    for (const [path, message] of [
      [mkdtempSync(join(folder.path, 'empty-')), /is a folder: open the checkpoint inside it/],
      [folder.path, /is a folder: open \S+, \S+, \S+, or one of \d+ others in it/],
      ['/dev/null', /is a device, not a regular file/],
      [pipe, /is a named pipe, not a regular file/],
      [join(folder.path, 'absent.safetensors'), /there is no such file/],
      [join(folder.path, 'notes.txt', 'x'), /a part of its path is a file/],
    ] as const) {
      const error = await refusal(path);
      expect(error.code).toBe('FILE_ACCESS');
      expect(error.message).toMatch(message);
    }
  });
});

const w = '"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}';

/** Rule by rule: header, data bytes, message, byte of the file. */
const BROKEN: [string, string | Buffer, number, RegExp, number][] = [
  ['no header', '', 0, /the header is empty/, 8],
  ['whitespace first', ` {${w}}`, 8, /must begin with \{/, 8],
  ['an array', '[]', 0, /must begin with \{/, 8],
  ['text behind', `{${w}}x`, 8, /nothing but padding may follow.*"x" stands here/, 62],
  ['NUL padding', `{${w}}\0`, 8, /nothing but padding may follow.*byte 0x00/, 62],
  ['a trailing comma', `{${w},}`, 8, /a key in double quotes must follow/, 62],
  ['a missing colon', '{"w" {}}', 0, /a colon must follow/, 13],
  ['an unclosed object', `{${w}`, 8, /a comma or \} must follow in the header; the text ends here/, 61],
  ['an unclosed string', '{"w', 0, /a string is not closed/, 9],
  ['a raw control character', '{"a\nb":{}}', 0, /control character/, 11],
  ['a bad escape', String.raw`{"a\x":{}}`, 0, /malformed escape/, 11],
  ['half a surrogate pair', String.raw`{"\ud800":{}}`, 0, /half of a surrogate pair/, 9],
  ['an overlong encoding', Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x7d]), 0, /not valid UTF-8/, 10],
  ['an encoded surrogate', Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x7d]), 0, /not valid UTF-8/, 10],
  ['a repeated name', `{${w},${w}}`, 8, /two tensors have the name "w"/, 62],
  [
    'a name repeated through an escape',
    `{${w},"\\u0077":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}}`,
    8,
    /two tensors/,
    62,
  ],
  [
    'a repeated field',
    '{"w":{"dtype":"F32","dtype":"F32","shape":[0],"data_offsets":[0,0]}}',
    0,
    /"dtype" stands there twice/,
    28,
  ],
  ['repeated metadata', '{"__metadata__":{},"__metadata__":{}}', 0, /"__metadata__" twice/, 27],
  ['a repeated metadata key', '{"__metadata__":{"a":"1","a":"2"}}', 0, /the key "a" twice/, 33],
  [
    'metadata that is no string',
    '{"__metadata__":{"a":1}}',
    0,
    /the value of "a" in __metadata__ must be a string/,
    29,
  ],
  ['a missing field', '{"w":{"dtype":"F32","shape":[0]}}', 0, /tensor "w": "data_offsets" is missing/, 13],
  [
    'an unknown dtype',
    '{"w":{"dtype":"F33","shape":[0],"data_offsets":[0,0]}}',
    0,
    /unknown dtype "F33"; the format knows BOOL, F4/,
    22,
  ],
  [
    'a fractional size',
    '{"w":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}',
    4,
    /the shape holds 1.0, which is no whole number/,
    37,
  ],
  ['a leading zero', '{"w":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}', 4, /the shape holds 01/, 37],
  [
    'a size in quotes',
    '{"w":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}',
    4,
    /the shape must hold whole numbers/,
    37,
  ],
  [
    'a size above 2^53',
    '{"w":{"dtype":"F32","shape":[9007199254740992,0],"data_offsets":[0,0]}}',
    0,
    /more than 2\^53/,
    37,
  ],
  [
    'an overflowing shape',
    '{"w":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}',
    0,
    /overflows 64-bit/,
    77,
  ],
  [
    'three offsets',
    '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}',
    4,
    /must be two numbers.*there are 3/,
    55,
  ],
  ['backward offsets', '{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}', 4, /end before they begin/, 55],
  [
    'a hole at the start',
    '{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
    8,
    /leaves a hole of 4 bytes before it/,
    55,
  ],
  [
    'a hole between',
    '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}}',
    4,
    /a hole of 2 bytes lies between them/,
    106,
  ],
  ['bytes behind the last tensor', `{${w}}`, 11, /3 bytes follow the last tensor/, 70],
  ['data without tensors', '{}', 5, /lists no tensors, but 5 bytes of data follow/, 10],
  ['half a byte', '{"w":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}', 2, /does not fill whole bytes/, 54],
];

describe('rules of the format', () => {
  test.each(BROKEN)('%s', async (_, header, data, message, offset) => {
    const error = await refusal(folder.write('rule.safetensors', safetensors(header, data)));
    expect(error.code).toBe('CHECKPOINT_FORMAT');
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`(byte ${offset} of the file)`);
    expect(error.details.offset).toBe(offset);
  });

  test.each([
    ['a header length above the limit', 100_000_001n, /the format's limit is 100000000/],
    ['a header length of 2^64 − 1', 2n ** 64n - 1n, /18446744073709551615 bytes; the format's limit/],
  ])('%s', async (_, length, message) => {
    const bytes = safetensors(`{${w}}`, 8);
    bytes.writeBigUInt64LE(length);
    expect((await refusal(folder.write('length.safetensors', bytes))).message).toMatch(message);
  });

  test('a file of less than 8 bytes', async () => {
    const error = await refusal(folder.write('short.safetensors', 'abc'));
    expect(error.message).toContain('begins with 8 bytes of header length; this one has 3');
  });

  test('nesting has an end', async () => {
    const deep = `{"w":{"x":${'['.repeat(100_000)}`;
    expect((await refusal(folder.write('deep.safetensors', safetensors(deep)))).message).toContain(
      'nested more than 127',
    );
  });
});

describe('what the reference tolerates is tolerated', () => {
  test.each([
    ['unknown fields', '{"w":{"x":[1,{"y":null}],"dtype":"U8","shape":[1],"data_offsets":[0,1],"z":-1.5e3}}', 1],
    ['whitespace and newlines', '{\n  "w" : {"shape" : [ 1 ] ,"dtype" :\t"U8", "data_offsets":[ 0 , 1 ]}\r\n}\n  ', 1],
    ['escaped keys', '{"w":{"\\u0064type":"\\u00558","shape":[1],"data_offsets":[0,1]}}', 1],
    ['null metadata', '{"__metadata__":null,"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1],
    [
      'empty tensors anywhere',
      '{"e":{"dtype":"F32","shape":[0,9007199254740991],"data_offsets":[1,1]},"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      1,
    ],
  ])('%s', async (_, header, data) => {
    const checkpoint = await openCheckpoint(folder.write('fine.safetensors', safetensors(header, data)));
    expect(checkpoint.find('w')).toMatchObject({ dtype: 'uint8', shape: [1], nbytes: 1 });
  });
});
