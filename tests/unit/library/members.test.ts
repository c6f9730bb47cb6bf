import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import * as library from '../../../core/index.ts';
import {
  autograd,
  Constant,
  cpu,
  currentDevice,
  discoverDevices,
  InvalidArgumentError,
  initializer,
  NDArray,
  NotInitializedError,
  nd,
  nn,
  openCheckpoint,
  Parameter,
  ParameterDict,
  ParascopeError,
  symbol,
  Trainer,
  waitAll,
  withDevice,
} from '../../../core/index.ts';

/** The names and signatures of the library contract in the design, each used once as it is written there. */

const folder = mkdtempSync(join(tmpdir(), 'parascope-members-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function parameter(options: ConstructorParameters<typeof Parameter>[1] = {}): Parameter {
  const made = new Parameter('w', { shape: [2], init: 'ones', ...options });
  made.initialize();
  return made;
}

describe('devices', () => {
  test('a scope nests, survives await and ends', async () => {
    await withDevice(cpu(1), async () => {
      await waitAll();
      withDevice(cpu(2), () => expect(currentDevice()).toEqual(cpu(2)));
      expect([nd.zeros([1]).device, nd.full([1], 1).device, currentDevice()]).toEqual([cpu(1), cpu(1), cpu(1)]);
      const p = parameter();
      expect(p.listDevice()).toEqual([cpu(1)]);
    });
    expect(currentDevice()).toEqual(cpu(0));
  });

  test('discovery tells what is behind a device', async () => {
    const [first] = await discoverDevices();
    expect(first).toMatchObject({ device: cpu(0), backend: 'cpu', driver: expect.stringContaining('TensorFlow.js') });
    expect(first?.memory).toBeGreaterThan(0);
  });

  test('waitAll reports the first failure that no read has', async () => {
    const x = nd.array([0], { dtype: 'int64' });
    x.runtime.invoke('conv2d', [x], { outputs: [{ shape: [1], dtype: 'float32' }] });
    await expect(waitAll()).rejects.toThrow(ParascopeError);
    await waitAll();
  });
});

describe('nd', () => {
  test('arrays take dtype and device as options', async () => {
    const where = { dtype: 'float16', device: cpu(1) } as const;
    const made = [
      nd.array([1, 2], where),
      nd.zeros([2], where),
      nd.ones([2], where),
      nd.full([2], 3, where),
      nd.arange(0, 4, 2, where),
    ];
    expect(made.map(({ shape, dtype, stype, device }) => ({ shape, dtype, stype, device }))).toEqual(
      made.map(() => ({ shape: [2], ...where, stype: 'default' })),
    );
    expect(await Promise.all(made.map((array) => array.array()))).toEqual([
      [1, 2],
      [0, 0],
      [1, 1],
      [3, 3],
      [0, 2],
    ]);
  });

  test.each(['params', 'nd', 'npz', 'safetensors'])('save and load .%s by name', async (extension) => {
    const path = join(folder, `arrays.${extension}`);
    await nd.save(path, { a: nd.array([[1], [2]], { dtype: 'int8' }), b: nd.ones([3]) });
    const loaded = await nd.load(path);
    const entries = Object.entries(loaded).sort(([a], [b]) => (a < b ? -1 : 1));
    expect(entries.map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
      ['a', 'int8', [2, 1]],
      ['b', 'float32', [3]],
    ]);
  });

  test.each(['params', 'npy'])('save and load one array of .%s, which has no name', async (extension) => {
    const path = join(folder, `one.${extension}`);
    await nd.save(path, nd.ones([2]));
    const loaded = await nd.load(path);
    expect(Array.isArray(loaded) && loaded.map(({ shape }) => shape)).toEqual([[2]]);
  });

  test('the members of an array', async () => {
    const x = nd.array([
      [1, 2],
      [3, 4],
    ]);
    expect(x).toBeInstanceOf(NDArray);
    expect([await x.data(), (await x.bytes()).length]).toEqual([Float32Array.of(1, 2, 3, 4), 16]);
    expect([await x.sum().item(), x.copyTo(cpu(1)).device, x.asType('bfloat16').dtype]).toEqual([
      10,
      cpu(1),
      'bfloat16',
    ]);
    expect(['csr', 'row_sparse'].map((stype) => x.toStype(stype as 'csr').stype)).toEqual(['csr', 'row_sparse']);
    x.detach().set(0, '0,:');
    expect(await x.array()).toEqual([
      [0, 0],
      [3, 4],
    ]);
    x.attachGrad();
    await autograd.record(() => x.square()).backward(nd.full([2, 2], 0.5));
    expect(await x.grad?.array()).toEqual([
      [0, 0],
      [3, 4],
    ]);
    x.dispose();
    expect(() => x.add(1)).toThrow(ParascopeError);
  });

  test.each(
    'add sub mul div neg square sqrt exp log abs sum mean max min dot matmul reshape transpose relu sigmoid tanh softmax'.split(
      ' ',
    ),
  )('arrays and symbols have %s', (name) => {
    expect([typeof Reflect.get(nd.ones([1]), name), typeof Reflect.get(symbol.var('x'), name)]).toEqual([
      'function',
      'function',
    ]);
  });
});

describe('Parameter', () => {
  test('its defaults', () => {
    const { name, gradReq, dtype, shape, lrMult, wdMult, init, status } = new Parameter();
    expect({ name, gradReq, dtype, shape, lrMult, wdMult, init, status }).toEqual({
      name: 'weight',
      gradReq: 'write',
      dtype: 'float32',
      shape: null,
      lrMult: 1,
      wdMult: 1,
      init: null,
      status: 'uninitialized',
    });
  });

  test('deferred until its sizes are known; 0 reads back as -1', async () => {
    const p = new Parameter('w', { shape: [2, 0], allowDeferredInit: true });
    p.initialize({ init: 'ones', device: [cpu(0), cpu(1)] });
    expect([p.status, p.shape]).toEqual(['deferred', [2, -1]]);
    expect(() => p.data()).toThrow(NotInitializedError);
    p.shape = [2, 1];
    await p.finishDeferredInit();
    expect([p.status, p.listData().length, p.listGrad().length, p.listDevice()]).toEqual([
      'initialized',
      2,
      2,
      [cpu(0), cpu(1)],
    ]);
  });

  test('a value by setData and loadInit, other devices, another dtype, a symbol', async () => {
    const p = parameter();
    p.setData([3, 4]);
    p.resetDevice([cpu(1), cpu(2)]);
    p.cast('float16');
    p.zeroGrad();
    expect([await p.data(cpu(2)).array(), await p.reduce().array(), p.grad(cpu(1)).dtype]).toEqual([
      [3, 4],
      [3, 4],
      'float16',
    ]);
    const q = new Parameter('q');
    await q.loadInit(p.reduce(), cpu(1), { castDtype: true, dtypeSource: 'saved' });
    expect([q.shape, q.dtype, q.listDevice()]).toEqual([[2], 'float16', [cpu(1)]]);
    q.checkAndSetAttr({ shape: [2], dtype: 'float16', init: 'zeros' });
    expect([q.init, q.var().name.endsWith('_q'), String(q)]).toEqual([
      'zeros',
      true,
      'Parameter (shape=(2,), dtype=float16)',
    ]);
  });

  test('rows of a sparse one come from its Trainer', async () => {
    const p = parameter({ shape: [3, 2], stype: 'row_sparse', gradStype: 'row_sparse' });
    p.setTrainer(new Trainer([p], 'sgd', { learningRate: 0.1 }));
    const rowId = nd.array([2, 0], { dtype: 'int64' });
    expect([p.rowSparseData(rowId).shape, p.listRowSparseData(rowId).length]).toEqual([[3, 2], 1]);
  });

  test.each<[unknown, readonly number[]]>([
    [2, []],
    [[1, 2], [2]],
    [[], [0]],
  ])('new Constant(%j)', async (value, shape) => {
    const c = new Constant(value as number[]);
    c.initialize();
    expect([c.shape, c.gradReq, await c.data().array()]).toEqual([shape, 'null', value]);
  });
});

describe('Block', () => {
  test('collects by pattern, saves and loads with all options', async () => {
    const net = new nn.Sequential();
    net.add(new nn.Dense(3, { inUnits: 2 }));
    net.initialize();
    const all = net.collectParams();
    expect(all).toBeInstanceOf(ParameterDict);
    expect([...net.collectParams('.*weight').keys()]).toEqual([...all.keys()].filter((name) => /weight/.test(name)));
    const path = join(folder, 'net.params');
    await net.saveParameters(path);
    const other = new nn.Sequential();
    other.add(new nn.Dense(3, { inUnits: 2 }));
    const device = [cpu(0), cpu(1)];
    await other.loadParameters(path, {
      device,
      allowMissing: true,
      ignoreExtra: true,
      castDtype: true,
      dtypeSource: 'current',
    });
    expect(other.collectParams().listDevice()).toEqual(device);
  });
});

describe('initializer', () => {
  const { Zero, One, Uniform, Normal, Orthogonal, Xavier, MSRAPrelu, Bilinear, LSTMBias } = initializer;

  test.each([
    Zero(),
    One(),
    initializer.Constant(2),
    Uniform(0.1),
    Normal(0.1),
    Orthogonal({ scale: 2, randType: 'normal' }),
    Xavier({ rndType: 'gaussian', factorType: 'in', magnitude: 2 }),
    MSRAPrelu({ factorType: 'out', slope: 0.1 }),
    Bilinear(),
    LSTMBias(2),
  ])('%s is taken as an instance and as the JSON of dumps(), and draws the same', async (instance) => {
    const shape = instance instanceof LSTMBias ? [8] : [2, 2, 4, 4];
    const [first, second] = [instance, instance.dumps()].map((init) => {
      initializer.setSeed(3);
      return parameter({ shape, init }).data();
    });
    expect(await second?.data()).toEqual(await first?.data());
  });

  test('takes registered names, and refuses what it cannot make in its own words', () => {
    expect(initializer.create('xavier').dumps()).toBe(Xavier().dumps());
    for (const name of ['rnnfused', 'constant', 'mixed', 'nothing']) {
      expect(() => initializer.create(name)).toThrow(InvalidArgumentError);
    }
  });

  test('Mixed and Load choose by name', async () => {
    const mixed = initializer.Mixed(['b.*', '.*'], ['zeros', One()]);
    const load = initializer.Load({ w: nd.array([5, 6]) }, Zero());
    expect(await parameter({ init: mixed }).data().array()).toEqual([1, 1]);
    expect(await parameter({ init: load }).data().array()).toEqual([5, 6]);
  });
});

test('a Symbol infers shapes both ways, binds and differentiates', async () => {
  const y = symbol.operator('fully_connected', [symbol.var('x'), symbol.var('w')], { numHidden: 3 });
  expect(y.inferShape({ x: [2, 4] })).toEqual({ arguments: { x: [2, 4], w: [3, 4] }, output: [2, 3] });
  expect(y.inferShape({ w: [3, 4] }).arguments.w).toEqual([3, 4]);
  const product = symbol.var('x').matmul(symbol.var('w'));
  const gradArgs = { w: nd.zeros([1, 1]) };
  const executor = product.bind(cpu(), { x: nd.array([[2]]), w: nd.array([[3]]) }, { gradArgs });
  expect(await executor.forward({ isTrain: true }).array()).toEqual([[6]]);
  executor.backward();
  expect(await gradArgs.w.array()).toEqual([[2]]);
});

test('the methods of a Trainer', async () => {
  const p = new Parameter('w', { shape: [1], init: 'ones' });
  p.initialize({ device: [cpu(0), cpu(1)] });
  const options = { kvstore: 'device', updateOnKvstore: false } as const;
  const trainer = new Trainer([p], 'sgd', { learningRate: 0.5, momentum: 0, wd: 0 }, options);
  const backward = async () => {
    for (const device of p.listDevice()) await autograd.record(() => p.data(device).mul(1)).backward();
  };
  await backward();
  trainer.allreduceGrads();
  trainer.update(2);
  expect(await p.data(cpu(1)).array()).toEqual([0.5]);
  const path = join(folder, 'trainer.states');
  await trainer.saveStates(path);
  await trainer.loadStates(path);
  trainer.setLearningRate(0.25);
  await backward();
  trainer.step(2);
  expect(await p.data(cpu(0)).array()).toEqual([0.25]);
});

test('a checkpoint has entries, metadata, its format, and reads ranges', async () => {
  const path = join(folder, 'one.safetensors');
  await nd.save(path, { w: nd.array([1, 2]) });
  const checkpoint = await openCheckpoint(path);
  const [entry] = checkpoint.entries;
  expect([checkpoint.format, checkpoint.metadata, entry?.name]).toEqual(['safetensors', {}, 'w']);
  if (entry) expect([...(await checkpoint.read(entry, { start: 4, stop: 8 }))]).toEqual([0, 0, 0, 64]);
  await checkpoint.close();
});

test.each(
  'NotInitialized DeferredInitialization InvalidState DeviceMismatch ShapeMismatch DTypeMismatch UnsupportedDType InvalidArgument DeviceLost OutOfMemory CheckpointFormat UnsafeCheckpoint'
    .split(' ')
    .map((name) => `${name}Error`),
)('%s is a ParascopeError with a code', (name) => {
  const ErrorClass: unknown = Reflect.get(library, name);
  const error: unknown = typeof ErrorClass === 'function' && Reflect.construct(ErrorClass, ['why']);
  expect(error).toBeInstanceOf(ParascopeError);
  expect(error).toMatchObject({ name, message: 'why', code: expect.stringMatching(/^[A-Z_]+$/) });
});
