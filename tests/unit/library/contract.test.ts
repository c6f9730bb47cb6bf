import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import * as parascope from '../../../core/index.ts';

const { autograd, Constant, cpu, initializer, nd, nn, openCheckpoint, Parameter, Trainer, waitAll, withDevice } =
  parascope;

const folder = mkdtempSync(join(tmpdir(), 'parascope-library-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('every name that the design promises is exported', () => {
  const names = [
    'cpu gpu currentDevice withDevice discoverDevices waitAll nd NDArray Parameter Constant ParameterDict',
    'initializer autograd symbol Trainer nn openCheckpoint ParascopeError NotInitializedError',
    'DeferredInitializationError InvalidStateError DeviceMismatchError ShapeMismatchError DTypeMismatchError',
    'UnsupportedDTypeError InvalidArgumentError DeviceLostError OutOfMemoryError CheckpointFormatError UnsafeCheckpointError',
  ].flatMap((line) => line.split(' '));
  expect(names.filter((name) => !(name in parascope))).toEqual([]);
  const arrays = ['array', 'zeros', 'ones', 'full', 'arange', 'rowSparse', 'csr', 'save', 'load'];
  expect(arrays.filter((name) => !(name in nd))).toEqual([]);
  const initializers =
    'Zero One Constant Uniform Normal Orthogonal Xavier MSRAPrelu Bilinear LSTMBias RNNFused Mixed Load'.split(' ');
  expect(
    [...initializers, 'register', 'alias', 'create', 'InitDesc', 'setSeed'].filter((name) => !(name in initializer)),
  ).toEqual([]);
});

test('a Parameter on two devices is trained, reduced, saved and opened as a checkpoint', async () => {
  initializer.setSeed(1);
  const devices = [cpu(0), cpu(1)];
  const w = new Parameter('w', { shape: [3, 2] });
  w.initialize({ init: initializer.Xavier(), device: devices });
  const trainer = new Trainer([w], 'sgd', { learningRate: 0.5 });
  const before = await w.data(cpu(0)).array();
  for (const device of devices) {
    const loss = autograd.record(() => {
      const x = nd.ones([1, 3], { device });
      return x.matmul(w.data(device)).sum();
    });
    await loss.backward();
  }
  trainer.step(2);
  await waitAll();
  const after = (await w.reduce().array()) as number[][];
  // The gradient of the sum of x·w is 1 everywhere on either device; summed and divided by the batch it is 1.
  expect(after.flat()).toEqual((before as number[][]).flat().map((value) => expect.closeTo(value - 0.5, 6)));

  const path = join(folder, 'w.params');
  await nd.save(path, { w: w.reduce() });
  const checkpoint = await openCheckpoint(path);
  expect(checkpoint.entries.map(({ name, dtype, shape }) => ({ name, dtype, shape }))).toEqual([
    { name: 'w', dtype: 'float32', shape: [3, 2] },
  ]);
  await checkpoint.close();
  const loaded = (await nd.load(path)) as Record<string, InstanceType<typeof parascope.NDArray>>;
  expect(await loaded.w?.array()).toEqual(after);
});

test('layers finish their deferred Parameters at the first forward, on the device of the scope', async () => {
  const net = new nn.Dense(4);
  net.initialize();
  await withDevice(cpu(0), async () => {
    const y = await net.forward(nd.ones([2, 5]));
    expect(y.shape).toEqual([2, 4]);
  });
  expect([...net.collectParams()].map(([name, parameter]) => [name, parameter.shape])).toEqual([
    ['weight', [4, 5]],
    ['bias', [4]],
  ]);
});

test('sparse arrays and constants take plain numbers', async () => {
  const rows = nd.rowSparse({
    indices: [0, 2],
    data: [
      [1, 2],
      [3, 4],
    ],
    shape: [3, 2],
  });
  expect(await rows.toStype('default').array()).toEqual([
    [1, 2],
    [0, 0],
    [3, 4],
  ]);
  const matrix = nd.csr({ indptr: [0, 1, 2], indices: [1, 0], data: [5, 6], shape: [2, 2] });
  expect(await matrix.toStype('default').array()).toEqual([
    [0, 5],
    [6, 0],
  ]);
  const constant = new Constant([[1, 2]]);
  constant.initialize();
  expect(await constant.data().array()).toEqual([[1, 2]]);
});
