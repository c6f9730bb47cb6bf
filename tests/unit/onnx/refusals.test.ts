import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { brokenContainers } from '../../fixtures/catalog.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { refusal } from '../checkpoint/refusal.ts';
import { bytes, fixed32, message, model, modelOf, node, number, packed, tensor } from './make.ts';

const folder = temporaryFolder();

const MALFORMED: Readonly<Record<string, readonly [code: string, message: RegExp]>> = {
  'cut80_mlp_raw.onnx': ['CHECKPOINT_FORMAT', /cut short or damaged: its field 7 should take/],
  'onnx_external_missing.onnx': ['CHECKPOINT_FORMAT', /tensor "w" has its data in "nofile.bin", which is missing/],
  'onnx_external_traversal.onnx': ['UNSAFE_CHECKPOINT', /"\.\.\/.*passwd"; it leads outside the folder of the model/],
  'onnx_raw_size_mismatch.onnx': [
    'CHECKPOINT_FORMAT',
    /tensor "w": \(4,\) of FLOAT takes 16 bytes, but raw_data has 13/,
  ],
  'onnx_truncated.onnx': ['CHECKPOINT_FORMAT', /its field 7 should take 59 bytes, but 54 are left/],
};

describe('malformed fixtures', () => {
  test('each has a refusal of its own', () => {
    expect(brokenContainers(['onnx']).map(({ path }) => basename(path))).toEqual(Object.keys(MALFORMED).sort());
  });

  test.each(brokenContainers(['onnx']))('$id: $expected.note', async ({ path }) => {
    const before = readFileSync(path);
    const [code, text] = MALFORMED[basename(path)]!;
    const error = await refusal(path);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(text);
    expect(readFileSync(path)).toEqual(before);
  });
});

function external(...pairs: readonly (readonly [key: string, value: string])[]): Buffer[] {
  return [...pairs.map(([key, value]) => message(13, bytes(1, key), bytes(2, value))), number(14, 1)];
}

function graphsInside(depth: number): Buffer {
  const inner = depth === 0 ? bytes(2, 'leaf') : graphsInside(depth - 1);
  return message(1, ...node('If', { attributes: [message(5, bytes(1, 'then_branch'), bytes(6, inner))] }));
}

describe('rules of the format', () => {
  test.each([
    ['no data', modelOf(...tensor('w', 1, [2])), /neither raw_data nor float_data holds any/],
    ['data in another field', modelOf(...tensor('w', 1, [2], packed(7, [1, 2]))), /neither raw_data nor float_data/],
    [
      'too few floats',
      modelOf(...tensor('w', 1, [2], bytes(4, new Uint8Array(4)))),
      /takes 8 bytes, but float_data has 4/,
    ],
    ['too few numbers', modelOf(...tensor('w', 7, [5], packed(7, [1, 2]))), /int64_data is too short for that/],
    ['a data type that never was', modelOf(...tensor('w', 99, [1])), /is of data type 99, which ONNX does not have/],
    ['no data type', modelOf(...tensor('w', 0, [1])), /is of data type 0/],
    ['a negative axis', modelOf(...tensor('w', 1, []), number(1, -1n)), /has an axis of size -1/],
    ['a shape that overflows', modelOf(...tensor('w', 1, [2 ** 40, 2 ** 40])), /which is too large/],
    ['a segment', modelOf(...tensor('w', 1, [1]), message(3, number(1, 0))), /one segment of a tensor/],
    ['a float where a number belongs', modelOf(fixed32(2, 1)), /field 2 is no whole number/],
    [
      'strings that are not all there',
      modelOf(...tensor('w', 8, [3], bytes(6, 'a'))),
      /should hold 3 strings, but has 1/,
    ],
    ['two graphs', Buffer.concat([model(), message(7)]), /the model has two graphs/],
    ['no graph', Buffer.concat([number(1, 8), bytes(2, 'nobody'), number(5, 1)]), /the model has no graph/],
    [
      'an absolute location',
      modelOf(...tensor('w', 1, [1], ...external(['location', '/etc/passwd']))),
      /absolute path/,
    ],
    ['a Windows path', modelOf(...tensor('w', 1, [1], ...external(['location', 'C:/w.bin']))), /absolute path/],
    ['no location', modelOf(...tensor('w', 1, [1], ...external(['offset', '0']))), /has its data in no file/],
    [
      'an offset in words',
      modelOf(...tensor('w', 1, [1], ...external(['location', 'w.bin'], ['offset', '-4']))),
      /no size/,
    ],
    ['graphs without end', model(graphsInside(40)), /more than 32 graphs lie in each other/],
    ['a name that is no text', modelOf(number(2, 1), bytes(8, Buffer.from([0xff]))), /is not UTF-8 text/],
    ['a group', modelOf(Buffer.from([0x0b])), /stored in a way that no format uses/],
    ['field 0', modelOf(Buffer.from([0x02, 0x00])), /there is no field 0/],
    ['a number without end', modelOf(Buffer.from([0x10, ...new Array(11).fill(0xff)])), /a number has no end/],
  ])('%s', async (_, file, text) => {
    const error = await refusal(folder.write('rule.onnx', file));
    expect(error.message).toMatch(text);
  });

  test('external data that leaves its file, or has another length, or lies behind a link', async () => {
    folder.write('w.bin', new Uint8Array(8));
    const from = (...pairs: readonly (readonly [key: string, value: string])[]) =>
      folder.write('external.onnx', modelOf(...tensor('w', 1, [2], ...external(...pairs))));
    expect((await refusal(from(['location', 'w.bin'], ['offset', '4']))).message).toMatch(
      /bytes 4 to 12 of "w.bin", which has 8/,
    );
    expect((await refusal(from(['location', 'w.bin'], ['length', '4']))).message).toMatch(/is said to have 4/);
    mkdirSync(join(folder.path, 'inner'));
    writeFileSync(
      join(folder.path, 'inner', 'model.onnx'),
      modelOf(...tensor('w', 1, [2], ...external(['location', 'link']))),
    );
    symlinkSync(join(folder.path, 'w.bin'), join(folder.path, 'inner', 'link'));
    const error = await refusal(join(folder.path, 'inner', 'model.onnx'));
    expect(error.code).toBe('UNSAFE_CHECKPOINT');
    expect(error.message).toMatch(/a link that leads outside the folder of the model/);
  });
});
