import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OnnxCheckpoint } from '../../../core/checkpoint/onnx/reader.ts';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { ParascopeError } from '../../../core/errors.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { damaged, damages } from '../checkpoint/damage.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { bytes, fixed32, fixed64, message, model, modelOf, node, number, type Part, packed, tensor } from './make.ts';

const folder = temporaryFolder();
let files = 0;

async function valueOfOnly(file: Buffer, name = 'w'): Promise<Uint8Array> {
  const checkpoint = await openCheckpoint(folder.write(`model-${files++}.onnx`, file));
  return await checkpoint.read(checkpoint.find(name)!);
}

function bytesOf(array: ArrayBufferView): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

describe('elements in typed fields', () => {
  test('whole numbers of any size, packed, one by one, or both', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 40 }),
        fc.nat(40),
        async (values, split) => {
          const data = [packed(7, values.slice(0, split)), ...values.slice(split).map((value) => number(7, value))];
          const value = await valueOfOnly(modelOf(...tensor('w', 7, [values.length], ...data)));
          expect(Buffer.from(value)).toEqual(bytesOf(BigInt64Array.from(values)));
        },
      ),
      { numRuns: 30 },
    );
  });

  test('the low bits of varints are the elements of narrow types', async () => {
    const cases: readonly (readonly [type: number, values: readonly number[], wanted: Uint8Array])[] = [
      [3, [-128, 127, -1], bytesOf(Int8Array.of(-128, 127, -1))],
      [4, [65_535, 1], bytesOf(Uint16Array.of(65_535, 1))],
      [6, [-(2 ** 31), 2 ** 31 - 1], bytesOf(Int32Array.of(-(2 ** 31), 2 ** 31 - 1))],
      [10, [0x3c00, 0xfc00], bytesOf(Uint16Array.of(0x3c00, 0xfc00))],
    ];
    for (const [type, values, wanted] of cases) {
      const value = await valueOfOnly(modelOf(...tensor('w', type, [values.length], packed(5, values))));
      expect(Buffer.from(value)).toEqual(Buffer.from(wanted));
    }
    const wide = await valueOfOnly(modelOf(...tensor('w', 12, [2], packed(11, [2 ** 32 - 1, 5]))));
    expect(Buffer.from(wide)).toEqual(bytesOf(Uint32Array.of(2 ** 32 - 1, 5)));
  });

  test('floats and doubles one by one', async () => {
    const float = await valueOfOnly(modelOf(...tensor('w', 1, [3], ...[1, -2.5, 3].map((value) => fixed32(4, value)))));
    expect(Buffer.from(float)).toEqual(bytesOf(Float32Array.of(1, -2.5, 3)));
    const complex = await valueOfOnly(modelOf(...tensor('w', 15, [1], fixed64(10, 1e300), fixed64(10, -2))));
    expect(Buffer.from(complex)).toEqual(bytesOf(Float64Array.of(1e300, -2)));
  });

  test('more of them than one window holds', async () => {
    const values = Array.from({ length: 700_000 }, (_, i) => (i * 7919) % 3_000_017);
    const value = await valueOfOnly(modelOf(...tensor('w', 6, [values.length], packed(5, values))));
    expect(Buffer.from(value).equals(bytesOf(Int32Array.from(values)))).toBe(true);
  });

  test('more or fewer values than the shape wants are refused when they are looked at', async () => {
    for (const values of [
      [1, 2, 3],
      [300, 300, 300, 300, 300],
    ]) {
      const file = modelOf(
        ...tensor('w', 7, [4], packed(7, values.length < 4 ? [...values, 2 ** 40].slice(0, 3) : values)),
      );
      await expect(valueOfOnly(file)).rejects.toThrow(/its shape wants|holds more than|too short/);
    }
  });
});

describe('sparse tensors', () => {
  const sparse = (dims: readonly number[], indices: readonly Part[], values: Float32Array): Buffer =>
    model(
      message(
        15,
        message(1, ...tensor('w', 1, [values.length], bytes(9, bytesOf(values)))),
        message(2, ...indices),
        ...dims.map((size) => number(3, size)),
      ),
    );

  test('with positions by axis, over many windows', async () => {
    const dims = [2000, 3000];
    const at = Array.from({ length: 500 }, (_, i) => [i * 4, (i * 613) % 3000] as const);
    const indices = tensor('i', 7, [500, 2], bytes(9, bytesOf(BigInt64Array.from(at.flat(), BigInt))));
    const value = await valueOfOnly(
      sparse(
        dims,
        indices,
        Float32Array.from({ length: 500 }, (_, i) => i + 1),
      ),
    );
    const dense = new Float32Array(value.buffer, value.byteOffset, 6_000_000);
    for (const [i, [row, column]] of at.entries()) expect(dense[row * 3000 + column]).toBe(i + 1);
    expect(dense.reduce((sum, x) => sum + (x === 0 ? 0 : 1), 0)).toBe(500);
  });

  test.each([
    ['positions that do not ascend', [5n, 2n], /do not ascend/],
    ['a position outside', [5n, 12n], /names index 12 of an axis of size 12/],
    ['a negative position', [-1n, 2n], /names index -1/],
  ])('%s are refused', async (_, positions, text) => {
    const indices = tensor('i', 7, [2], bytes(9, bytesOf(BigInt64Array.from(positions))));
    await expect(valueOfOnly(sparse([3, 4], indices, Float32Array.of(1, 2)))).rejects.toThrow(text);
  });

  test('values and indices that do not belong together', async () => {
    const indices = tensor('i', 7, [3], bytes(9, new Uint8Array(24)));
    await expect(valueOfOnly(sparse([3, 4], indices, Float32Array.of(1, 2)))).rejects.toThrow(/do not belong together/);
  });
});

const inner = (name: string): Part =>
  message(
    6,
    message(1, ...node('Add', { inputs: ['outer', name], outputs: [`sum_${name}`] })),
    message(5, ...tensor(name, 1, [1], bytes(9, new Uint8Array(4)))),
  );

const nested = model(
  message(
    1,
    ...node('Constant', {
      outputs: ['c'],
      attributes: [message(5, bytes(1, 'value'), message(5, ...tensor('', 1, [1], fixed32(4, 2))))],
    }),
  ),
  message(
    1,
    ...node('If', {
      inputs: ['c'],
      outputs: ['y'],
      name: 'choice',
      attributes: [
        message(5, bytes(1, 'then_branch'), inner('w')),
        message(5, bytes(1, 'else_branch'), inner('outer')),
      ],
    }),
  ),
  message(
    1,
    ...node('ConstantOfShape', {
      inputs: ['outer'],
      outputs: ['z'],
      attributes: [message(5, bytes(1, 'value'), message(5, ...tensor('', 7, [1], packed(7, [3]))))],
    }),
  ),
  message(5, ...tensor('outer', 1, [1], bytes(9, new Uint8Array(4)))),
  message(5, ...tensor('w', 1, [1], bytes(9, new Uint8Array(4)))),
  message(11, bytes(1, 'outer')),
  message(14, bytes(1, 'outer'), message(2, bytes(1, 'SCALE_TENSOR'), bytes(2, 'w'))),
);

describe('tensors all over the graph', () => {
  test('have names of their own, places and users', async () => {
    const { entries } = await openCheckpoint(folder.write('nested.onnx', nested));
    expect(entries.map(({ name, facts }) => [name, facts?.where, facts?.used_by])).toEqual([
      ['outer', 'graph.initializer', 'ConstantOfShape, Add'],
      ['w', 'graph.initializer', undefined],
      ['c', 'graph.node[0].value', 'If choice'],
      ['graph.node[1].then_branch.w', 'graph.node[1].then_branch.initializer', 'Add'],
      ['graph.node[1].else_branch.outer', 'graph.node[1].else_branch.initializer', 'Add, Add'],
      ['z.value', 'graph.node[2].value', undefined],
    ]);
  });

  test('a value is known by every place that names it, in the graphs inside as well', async () => {
    const checkpoint = await openCheckpoint(folder.write('places.onnx', nested));
    if (!(checkpoint instanceof OnnxCheckpoint)) throw new Error('not ONNX');
    const [graph] = checkpoint.model.graphs;
    const texts = (name: string): string[] =>
      graph!.scope.placesOf(name).map(({ start, stop }) => nested.toString('utf8', start, stop));
    expect(texts('outer')).toEqual(['outer', 'outer', 'outer', 'outer', 'outer']);
    expect(texts('w')).toEqual(['w', 'w']);
    expect(texts('c')).toEqual(['c', 'c']);
    const [then, otherwise] = graph!.scope.children;
    expect(then!.placesOf('w')).toHaveLength(2);
    expect(otherwise!.placesOf('outer')).toHaveLength(3);
  });
});

test('a model of gigabytes opens by its structure alone', async () => {
  const size = 3 * 2 ** 30;
  const parts = { head: [number(1, size / 4), number(2, 1)], tail: [bytes(8, 'w')] };
  const varint = (value: number): Buffer => number(1, value).subarray(1);
  const raw = Buffer.concat([Buffer.from([0x4a]), varint(size)]);
  const tensorLength = Buffer.concat(parts.head).length + raw.length + size + Buffer.concat(parts.tail).length;
  const tensorHead = Buffer.concat([Buffer.from([0x2a]), varint(tensorLength)]);
  const graphHead = Buffer.concat([Buffer.from([0x3a]), varint(tensorHead.length + tensorLength)]);
  const head = Buffer.concat([number(1, 10), graphHead, tensorHead, ...parts.head, raw]);
  const path = folder.write('large.onnx', head);
  truncateSync(path, head.length + size);
  const { appendFileSync } = await import('node:fs');
  appendFileSync(path, Buffer.concat([...parts.tail, message(14, bytes(1, 'k'), bytes(2, 'v'))]));
  const checkpoint = await openCheckpoint(path);
  expect(checkpoint.find('w')).toMatchObject({ nbytes: size, offset: head.length });
  expect(checkpoint.metadata).toEqual({ k: 'v' });
  expect(Buffer.from(await checkpoint.read(checkpoint.find('w')!, { start: size - 4, stop: size }))).toEqual(
    Buffer.alloc(4),
  );
});

test('external data may lie in a folder below', async () => {
  mkdirSync(join(folder.path, 'data'));
  writeFileSync(join(folder.path, 'data', 'w.bin'), bytesOf(Float32Array.of(0, 1, 2)));
  const place = [
    ['location', 'data/w.bin'],
    ['offset', '4'],
  ] as const;
  const fields = [...place.map(([key, value]) => message(13, bytes(1, key), bytes(2, value))), number(14, 1)];
  const value = await valueOfOnly(modelOf(...tensor('w', 1, [2], ...fields)));
  expect(Buffer.from(value)).toEqual(bytesOf(Float32Array.of(1, 2)));
});

test('a damaged model is refused, or makes sense', async () => {
  const originals = containerFixtures(['onnx'])
    .filter(({ id }) => !id.includes('external'))
    .map(({ path }) => readFileSync(path));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...originals, nested), damages(), async (file, done) => {
      try {
        const checkpoint = await openCheckpoint(folder.write('damaged.onnx', damaged(file, done)));
        for (const entry of checkpoint.entries) {
          if (entry.nbytes < 1e6) expect(await checkpoint.read(entry)).toHaveLength(entry.nbytes);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(ParascopeError);
      }
    }),
    { numRuns: 400 },
  );
});
