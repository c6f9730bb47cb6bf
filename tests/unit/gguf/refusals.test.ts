import { copyFileSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { brokenContainers, containerFixtures } from '../../fixtures/catalog.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { refusal } from '../checkpoint/refusal.ts';
import { ggufFile } from './make.ts';

const folder = temporaryFolder();

/** What is wrong, and at which byte. */
const MALFORMED: Readonly<Record<string, readonly [message: RegExp, offset: number]>> = {
  'cut80_metadata_types.gguf': [/metadata "tokenizer\.ggml\.scores" is said to have 300 elements; .* fewer/, 6110],
  'cut80_tensor_types.gguf': [/tensor "q\.mxfp4" should take bytes 19040 to 19584, 256 more than the file has/, 1242],
  'gguf_absurd_kv_count.gguf': [/the number of metadata keys is 1152921504606846976, .* beyond every real size/, 16],
  'gguf_absurd_tensor_count.gguf': [/the number of tensors is 1152921504606846976, .* beyond every real size/, 8],
  'gguf_huge_string.gguf': [/the length of metadata key 0 is 4611686018427387904, .* beyond every real size/, 24],
  'gguf_offset_past_end.gguf': [/tensor "w" should take bytes 1099511627840 to .* more than the file has/, 45],
  'gguf_truncated.gguf': [/tensor "w" should take bytes 64 to 320, 240 more than the file has/, 45],
  'gguf_truncated_header.gguf': [/cut short/, 24],
};

describe('malformed fixtures', () => {
  test('each has a refusal of its own', () => {
    expect(brokenContainers(['gguf']).map(({ path }) => basename(path))).toEqual(Object.keys(MALFORMED).sort());
  });

  test.each(brokenContainers(['gguf']))('$id: $expected.note', async ({ path }) => {
    const before = readFileSync(path);
    const [message, offset] = MALFORMED[basename(path)]!;
    const error = await refusal(path);
    expect(error.code).toBe('CHECKPOINT_FORMAT');
    expect(error.message).toMatch(message);
    expect(error.details.offset).toBe(offset);
    expect(readFileSync(path)).toEqual(before);
  });
});

const f32 = { name: 'w', ne: [4], type: 0, bytes: new Uint8Array(16) };

describe('rules of the format', () => {
  test.each([
    ['version 1', { version: 1 }, /GGUF version 1 is not supported; versions 2 and 3 are/],
    ['version 4', { version: 4 }, /GGUF version 4 is not supported/],
    ['an alignment of 0', { fields: [['general.alignment', 'uint32', 0]] }, /must be a power of two/],
    ['an alignment of 48', { fields: [['general.alignment', 'uint32', 48]] }, /must be a power of two/],
    ['an alignment in words', { fields: [['general.alignment', 'string', '32']] }, /is 32 \(string\)/],
    [
      'a key twice',
      {
        fields: [
          ['a', 'uint8', 1],
          ['a', 'uint8', 2],
        ],
      },
      /metadata "a" is there twice/,
    ],
    ['a tensor twice', { tensors: [f32, f32] }, /two tensors are named "w"/],
    ['tensors that share bytes', { tensors: [f32, { ...f32, name: 'v', offset: 8 }] }, /"w" and "v" share bytes from/],
    [
      'a type that is no more',
      { tensors: [{ ...f32, type: 4 }] },
      /tensor "w" is of type Q4_2, which ggml no longer has/,
    ],
    [
      'a type that never was',
      { tensors: [{ ...f32, type: 99 }] },
      /tensor "w" is of type 99, which this version does not/,
    ],
    ['half a block', { tensors: [{ ...f32, ne: [16], type: 2 }] }, /is Q4_0, whose rows are multiples of 32/],
    ['nine axes', { tensors: [{ ...f32, ne: [1, 1, 1, 1, 1, 1, 1, 1, 1] }] }, /9 axes; the most is 8/],
    ['a shape that overflows', { tensors: [{ ...f32, ne: [2 ** 40, 2 ** 40] }] }, /which is too large/],
    ['a size beyond all', { tensors: [{ ...f32, ne: [2 ** 60] }] }, /beyond every real size/],
  ] as const)('%s', async (_, file, message) => {
    const error = await refusal(folder.write('rule.gguf', ggufFile(file)));
    expect(error.code).toBe('CHECKPOINT_FORMAT');
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`(byte ${error.details.offset} of the file)`);
  });

  test('a name that is no text', async () => {
    const file = ggufFile({ tensors: [f32] });
    file[file.indexOf('w')] = 0xff;
    expect((await refusal(folder.write('name.gguf', file))).message).toMatch(/the name of tensor 0 is not UTF-8 text/);
  });

  test('a value of no type, and a truth value of 2', async () => {
    const file = ggufFile({ fields: [['a', 'uint8', 2]] });
    file[33] = 13;
    expect((await refusal(folder.write('type.gguf', file))).message).toMatch(
      /"a" is of type 13, which GGUF does not have/,
    );
    file[33] = 7;
    expect((await refusal(folder.write('bool.gguf', file))).message).toMatch(/a truth value is 2; it can be 0 or 1/);
  });

  test.each(['lmgg', 'fmgg', 'tjgg', 'algg'])('what came before GGUF (%s) is named', async (magic) => {
    const error = await refusal(folder.write('old.bin', `${magic}\u0001\0\0\0 and so on`));
    expect(error.message).toMatch(/came before GGUF \(GGML, GGMF, GGJT or GGLA\)\. Convert it to GGUF/);
  });

  test('a big-endian tensor that nobody can tell the order of', async () => {
    const tensor = { name: 'w', ne: [256], type: 16, bytes: new Uint8Array(66) };
    const error = await refusal(folder.write('big.gguf', ggufFile({ bigEndian: true, tensors: [tensor] })));
    expect(error.message).toMatch(/tensor "w" is IQ2_XXS, whose order of bytes in big-endian files is not defined/);
  });
});

describe('models in parts', () => {
  const [first, second, third] = containerFixtures(['gguf']).filter(({ id }) => id.includes('/split/'));

  test('a missing part is named', async () => {
    const path = join(folder.path, 'm-00001-of-00003.gguf');
    copyFileSync(first!.path, path);
    copyFileSync(third!.path, join(folder.path, 'm-00003-of-00003.gguf'));
    const error = await refusal(path);
    expect(error.code).toBe('FILE_ACCESS');
    expect(error.message).toMatch(/m-00002-of-00003\.gguf/);
  });

  test('a part in another place is refused', async () => {
    const path = join(folder.path, 'n-00001-of-00003.gguf');
    copyFileSync(first!.path, path);
    copyFileSync(third!.path, join(folder.path, 'n-00002-of-00003.gguf'));
    copyFileSync(second!.path, join(folder.path, 'n-00003-of-00003.gguf'));
    const error = await refusal(path);
    expect(error.message).toMatch(
      /n-00002-of-00003\.gguf: it says to be part 2 \(counting from 0\); by its name it is 1/,
    );
  });

  test('a part by another name says why the rest cannot be found', async () => {
    const path = join(folder.path, 'renamed.gguf');
    copyFileSync(second!.path, path);
    expect((await refusal(path)).message).toMatch(/one of 3 parts, but not named like/);
  });
});
