import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import '../../../core/checkpoint/array-files.ts';
import { cpu, withDevice } from '../../../core/device/device.ts';
import type { NDArray } from '../../../core/device/nd-array.ts';
import { type LoadedArrays, load, save } from '../../../core/device/nd-files.ts';
import { DeviceRuntime } from '../../../core/device/runtime.ts';
import { csrArray, rowSparseArray } from '../../../core/device/sparse.ts';
import {
  CheckpointFormatError,
  FileAccessError,
  SaveFailedError,
  UnsafeCheckpointError,
} from '../../../core/errors.ts';
import { bytesFor, type DType, ELEMENT_DTYPES, isPacked, isQuantizedInteger } from '../../../core/ndarray/dtype.ts';
import { type Fixture, mxnetFixtures, numpyFixtures } from '../../fixtures/catalog.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { float32Bytes, int64Bytes, MXNET_DTYPES, sha256 } from './support.ts';

const folder = temporaryFolder();
const runtime = new DeviceRuntime();
afterAll(() => runtime.close());

function make(dtype: DType, shape: readonly number[], bytes: Uint8Array, device = cpu()): NDArray {
  return runtime.fromBytes({ dtype, shape, bytes, device });
}

function loaded(path: string): Promise<LoadedArrays> {
  return load(path, { runtime });
}

/** What every dtype of a format can hold: all bytes once, or as many as fill three elements. */
function patternOf(dtype: DType): Uint8Array {
  const size = bytesFor(dtype, 1);
  const bytes = Uint8Array.from({ length: size <= 2 ? 256 : size * 3 }, (_, i) => (i * 37 + 11) % 256);
  if (dtype === 'bool') return bytes.map((byte) => byte & 1);
  return bytes;
}

const HOLDABLE = ELEMENT_DTYPES.filter(
  (dtype) => !isPacked(dtype) && !isQuantizedInteger(dtype) && dtype !== 'complex32',
);

/** dtypes that a format lacks, of those that devices hold. */
const FORMATS: readonly { ending: string; label: string; lacks: readonly DType[] }[] = [
  {
    ending: '.params',
    label: 'MXNet',
    lacks: HOLDABLE.filter((dtype) => !(MXNET_DTYPES as readonly DType[]).includes(dtype)),
  },
  { ending: '.npz', label: 'NumPy', lacks: HOLDABLE.filter((dtype) => /^(float8|bfloat16)/.test(dtype)) },
  { ending: '.safetensors', label: 'safetensors', lacks: ['complex128'] },
];

describe.each(FORMATS)('$ending', ({ ending, label, lacks }) => {
  const path = join(folder.path, `dtypes${ending}`);

  test('every dtype of the format comes back bit for bit', async () => {
    const dtypes = HOLDABLE.filter((dtype) => !lacks.includes(dtype));
    const arrays = dtypes.map((dtype) => {
      const bytes = patternOf(dtype);
      return [dtype, make(dtype, [bytes.length / bytesFor(dtype, 1)], bytes)] as const;
    });
    await save(path, Object.fromEntries(arrays));
    const back = (await loaded(path)) as Record<string, NDArray>;
    expect(Object.keys(back).sort()).toEqual([...dtypes].sort());
    for (const [dtype, array] of arrays) {
      expect(back[dtype]?.dtype).toBe(dtype);
      expect(back[dtype]?.shape).toEqual(array.shape);
      expect(await back[dtype]?.bytes(), dtype).toEqual(await array.bytes());
    }
  });

  test.each(lacks.map((dtype) => [dtype]))(
    '%s is refused by the name of the dtype and of the format',
    async (dtype) => {
      const array = make(dtype, [1], new Uint8Array(bytesFor(dtype, 1)));
      const refused = save(path, { w: array });
      await expect(refused).rejects.toMatchObject({ code: 'UNSUPPORTED_DTYPE' });
      await expect(refused).rejects.toThrow(dtype);
      await expect(refused).rejects.toThrow(label);
    },
  );
});

describe('shapes of what is saved', () => {
  test('names give an object, a list and a single array give a list', async () => {
    const [a, b] = [make('float32', [1], float32Bytes(1)), make('int64', [], int64Bytes(2))];
    const path = join(folder.path, 'kinds.nd');
    await save(path, { a, b });
    expect(Object.keys(await loaded(path))).toEqual(['a', 'b']);
    await save(path, [b, a]);
    const list = (await loaded(path)) as NDArray[];
    expect(list.map(({ dtype, shape }) => [dtype, shape])).toEqual([
      ['int64', []],
      ['float32', [1]],
    ]);
    await save(path, a);
    expect(await loaded(path)).toHaveLength(1);
    await save(path, []);
    expect(await loaded(path)).toEqual({});
  });

  test('a list in a format of names is called as NumPy does', async () => {
    const list = [make('float32', [1], float32Bytes(1)), make('float32', [1], float32Bytes(2))];
    for (const ending of ['npz', 'safetensors']) {
      const path = join(folder.path, `list.${ending}`);
      await save(path, list);
      expect(Object.keys(await loaded(path)).sort()).toEqual(['arr_0', 'arr_1']);
    }
  });

  test('a .npy holds one dense array', async () => {
    const path = join(folder.path, 'one.npy');
    const array = make('float32', [2, 1], float32Bytes(1, 2));
    await save(path, array);
    const [back] = (await loaded(path)) as NDArray[];
    expect(back?.shape).toEqual([2, 1]);
    await expect(save(path, [array, array])).rejects.toThrow(/holds one dense array/);
    await expect(save(path, { w: array })).rejects.toThrow(/holds one dense array/);
  });
});

describe('sparse arrays', () => {
  const rows = () =>
    rowSparseArray({
      indices: make('int64', [2], int64Bytes(1, 3)),
      data: make('float32', [2, 2], float32Bytes(1, 2, 3, 4)),
      shape: [5, 2],
    });
  const matrix = () =>
    csrArray({
      indptr: make('int64', [4], int64Bytes(0, 1, 1, 2)),
      indices: make('int64', [2], int64Bytes(2, 0)),
      data: make('float32', [2], float32Bytes(5, 6)),
      shape: [3, 4],
    });

  test.each(['.params', '.npz'])('come back as they were stored: %s', async (ending) => {
    const path = join(folder.path, `sparse${ending}`);
    const arrays = { rows: rows(), matrix: matrix() };
    await save(path, arrays);
    const back = (await loaded(path)) as Record<string, NDArray>;
    for (const [name, array] of Object.entries(arrays)) {
      expect(back[name]?.stype).toBe(array.stype);
      expect(back[name]?.shape).toEqual(array.shape);
      expect(await back[name]?.bytes()).toEqual(await array.bytes());
    }
  });

  test('an array that stores nothing does so in the file', async () => {
    const empty = make('float32', [3, 4], Buffer.alloc(48));
    const path = join(folder.path, 'empty.params');
    await save(path, { rows: empty.toStype('row_sparse'), matrix: empty.toStype('csr') });
    expect(readFileSync(path).length).toBeLessThan(300);
    const back = (await loaded(path)) as Record<string, NDArray>;
    expect(back.rows?.stype).toBe('row_sparse');
    expect(await back.matrix?.bytes()).toEqual(new Uint8Array(48));
  });

  test('safetensors has no place for them', async () => {
    const refused = save(join(folder.path, 'sparse.safetensors'), { rows: rows() });
    await expect(refused).rejects.toThrow(/"rows" is row_sparse: convert it with toStype\('default'\)/);
  });
});

describe('devices', () => {
  test('arrays are made on the current device, or on the one that is named, wherever they were saved from', async () => {
    const path = join(folder.path, 'devices.params');
    await save(path, [make('float32', [1], float32Bytes(1), cpu(2))]);
    const [here] = (await withDevice(cpu(1), () => loaded(path))) as NDArray[];
    expect(String(here?.device)).toBe('cpu(1)');
    const [there] = (await load(path, { runtime, device: cpu(3) })) as NDArray[];
    expect(String(there?.device)).toBe('cpu(3)');
  });

  test('what is made on the way is freed again', async () => {
    const path = join(folder.path, 'leak.params');
    const array = make('float32', [2, 2], float32Bytes(0, 1, 0, 0));
    const arrays = { dense: array, rows: array.toStype('row_sparse'), matrix: array.toStype('csr') };
    const held = runtime.heldBytes();
    await save(path, arrays);
    for (const back of Object.values(await loaded(path))) back.dispose();
    expect(runtime.heldBytes()).toBe(held);
  });
});

const readable = [...mxnetFixtures(), ...numpyFixtures()].filter(
  (fixture): fixture is Fixture =>
    'tensors' in fixture.expected &&
    fixture.expected.tensors.every(({ dtype_norm }) => !/void|str|bytes|datetime/.test(dtype_norm)),
);

test.each(readable)('$id has the values that its writer put in', async ({ path, expected }) => {
  const arrays = await loaded(path);
  for (const [index, tensor] of expected.tensors.entries()) {
    const array = Array.isArray(arrays) ? arrays[index] : arrays[tensor.name];
    expect(array?.dtype).toBe(tensor.dtype_norm);
    expect(array?.shape).toEqual(tensor.shape);
    expect(array && sha256(await array.bytes())).toBe(tensor.sha256);
  }
});

describe('what cannot be', () => {
  const array = make('float32', [1], float32Bytes(1));

  test.each([
    ['a number', 3],
    ['nothing', null],
    ['a list of numbers', [1, 2]],
    ['an object of lists', { w: [1] }],
  ])('%s is no array', async (_what, data) => {
    const refused = save(join(folder.path, 'x.params'), data as never);
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(refused).rejects.toThrow(/must be an NDArray, a list of NDArrays or an object of NDArrays by name/);
  });

  test('a name is needed, with a known ending', async () => {
    await expect(save(undefined as never, array)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(load(7 as never)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(save(join(folder.path, 'x.bin'), array)).rejects.toThrow(/must end in .*\.params/);
  });

  test('files that are not there, or of another kind', async () => {
    await expect(loaded(join(folder.path, 'absent.params'))).rejects.toBeInstanceOf(FileAccessError);
    await expect(loaded(folder.write('text.params', 'some text'))).rejects.toBeInstanceOf(CheckpointFormatError);
    await expect(save(join(folder.path, 'absent', 'x.params'), array)).rejects.toBeInstanceOf(SaveFailedError);
  });

  test('pickled objects are not read', async () => {
    const header = `{'descr': '|O', 'fortran_order': False, 'shape': (1,), }`.padEnd(117);
    const file = Buffer.concat([
      Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'),
      Buffer.from(`${header}\n`),
      Buffer.alloc(64),
    ]);
    await expect(loaded(folder.write('objects.npy', file))).rejects.toBeInstanceOf(UnsafeCheckpointError);
  });

  test('a file cut by ten bytes is refused: test_buffer_load', async () => {
    const path = join(folder.path, 'cut.params');
    for (const data of [array, [array, array], { w: array }]) {
      await save(path, data);
      const whole = readFileSync(path);
      const cut = folder.write('cut.params', whole.subarray(0, whole.length - 10));
      await expect(loaded(cut)).rejects.toBeInstanceOf(CheckpointFormatError);
    }
  });
});
