import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { refusal } from '../checkpoint/refusal.ts';
import { damagedFilesAreSafe } from './damage.ts';
import { valueAt } from './describe.ts';
import { FlatWriter, u8, u32, u64 } from './flatbuffers.ts';

const folder = temporaryFolder();
const fixtures = containerFixtures(['tflite']);
const pathOf = (id: string): string => fixtures.find((fixture) => fixture.id === id)?.path ?? '';

interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: number;
  readonly buffer: number;
}

/** A model of one graph; a buffer is its bytes, or where they lie in the file. */
function model(
  tensors: readonly TensorSpec[],
  buffers: readonly (Buffer | { readonly offset: number; readonly size: number })[],
): Buffer {
  const flat = new FlatWriter();
  const sizes = (shape: readonly number[]) =>
    flat.vector(shape.length, Buffer.concat(shape.map((size) => u32(size >>> 0))));
  const tensor = ({ name, shape, type, buffer }: TensorSpec) =>
    flat.table({ 0: { to: sizes(shape) }, 1: u8(type), 2: u32(buffer), 3: { to: flat.text(name) } });
  const buffer = (content: (typeof buffers)[number]) =>
    flat.table(
      Buffer.isBuffer(content)
        ? { 0: { to: flat.vector(content.length, content) } }
        : { 1: u64(content.offset), 2: u64(content.size) },
    );
  return flat.finish(
    flat.table({
      0: u32(3),
      2: { to: flat.pointers([flat.table({ 0: { to: flat.pointers(tensors.map(tensor)) } })]) },
      4: { to: flat.pointers(buffers.map(buffer)) },
    }),
  );
}

const FLOATS = Buffer.from(Float32Array.from([1, 2, 3]).buffer);
const EMPTY = Buffer.alloc(0);

test('quantization, versions and graphs are told', async () => {
  const checkpoint = await openCheckpoint(pathOf('tflite/full_int8.tflite'));
  expect(checkpoint.metadata).toMatchObject({ version: '3', description: 'MLIR Converted.' });
  expect(checkpoint.find('sequential_1/dense_1_2/MatMul')?.facts?.quantization).toBe(
    'scale [0.005487882997840643, 0.0055563743226230145], zero point [0, 0], along axis 0',
  );
  expect(valueAt(checkpoint.values, ['subgraphs', '0', 'name'])?.text).toBe('main');
});

test('tensors of one buffer share their storage, and equal names are told apart', async () => {
  const same = { name: 'w', shape: [3], type: 0, buffer: 1 };
  const path = folder.write(
    'shared.tflite',
    model([same, same, { ...same, name: 'v', buffer: 2 }], [EMPTY, FLOATS, FLOATS]),
  );
  const { entries } = await openCheckpoint(path);
  expect(entries.map(({ name, storageGroup }) => [name, storageGroup])).toEqual([
    ['w', 0],
    ['w:0.1', 0],
    ['v', undefined],
  ]);
});

test('values behind the flatbuffer are read there', async () => {
  const spec = { name: 'w', shape: [3], type: 0, buffer: 1 };
  const length = model([spec], [EMPTY, { offset: 8, size: 12 }]).length;
  const file = Buffer.concat([model([spec], [EMPTY, { offset: length, size: 12 }]), FLOATS]);
  const checkpoint = await openCheckpoint(folder.write('behind.tflite', file));
  const [entry] = checkpoint.entries;
  expect(Buffer.from((await (entry && checkpoint.read(entry))) ?? [])).toEqual(FLOATS);
});

test('texts are listed, activations are not', async () => {
  const tensors = [
    { name: 'text', shape: [1], type: 5, buffer: 1 },
    { name: 'activation', shape: [3], type: 0, buffer: 0 },
  ];
  const checkpoint = await openCheckpoint(folder.write('text.tflite', model(tensors, [EMPTY, Buffer.from('abcd')])));
  expect(checkpoint.entries).toEqual([]);
  expect(checkpoint.others).toMatchObject([{ name: 'text', dtype: 'string', nbytes: 4 }]);
});

const W = { name: 'w', shape: [3], type: 0, buffer: 1 };
test.each([
  ['fewer bytes than the shape wants', model([W], [EMPTY, FLOATS.subarray(4)]), /takes 12 bytes; its buffer has 8/],
  ['a negative size', model([{ ...W, shape: [-1] }], [EMPTY, FLOATS]), /no shape of its own/],
  ['a buffer that is not there', model([{ ...W, buffer: 9 }], [EMPTY, FLOATS]), /buffer 9, which is not there/],
  ['values behind the end', model([W], [EMPTY, { offset: 2 ** 40, size: 12 }]), /buffer 1 should take 12 bytes/],
  [
    'a root that is nowhere',
    Buffer.concat([u32(2 ** 31), Buffer.from('TFL3'), Buffer.alloc(8)]),
    /the root of the model/,
  ],
])('%s is refused', async (_, content, message) => {
  expect((await refusal(folder.write('bad.tflite', content))).message).toMatch(message);
});

test('a model whose parts are all the same bytes is refused before it fills the memory', async () => {
  const flat = new FlatWriter();
  const name = flat.text('n'.repeat(60_000));
  const tensor = flat.table({ 3: { to: name } });
  const root = flat.table({
    2: { to: flat.pointers([flat.table({ 0: { to: flat.pointers(new Array(100_000).fill(tensor)) } })]) },
  });
  expect((await refusal(folder.write('aliased.tflite', flat.finish(root)))).message).toMatch(/again and again/);
});

test('damaged models open or are refused', async () => {
  await fc.assert(
    damagedFilesAreSafe(
      fixtures.map(({ path }) => path),
      folder,
    ),
    { numRuns: 400 },
  );
}, 60_000);
