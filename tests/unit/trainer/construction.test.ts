import { describe, expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import {
  DeviceMismatchError,
  InvalidArgumentError,
  InvalidStateError,
  NotInitializedError,
} from '../../../core/errors.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import { KVStore } from '../../../core/trainer/kvstore.ts';
import { SGD } from '../../../core/trainer/sgd.ts';
import type { TrainedParameters } from '../../../core/trainer/trained-parameters.ts';
import { Trainer } from '../../../core/trainer/trainer.ts';
import { runtime } from './arrays.ts';
import { backward, firsts, PlainStore, parameter, TWO } from './parameters.ts';

test('T-001 a Trainer takes Parameters, an optimizer with its arguments, and what to reduce with', async () => {
  const x = parameter();
  const trainer = new Trainer([x], 'sgd', { learningRate: 1 }, { kvstore: 'local', updateOnKvstore: false });
  backward(x);
  trainer.step(1);
  expect([trainer.kvstore?.type, trainer.updateOnKvstore]).toEqual(['local', false]);
  const usual = new Trainer([x], 'sgd');
  backward(x);
  usual.step(1);
  expect([usual.kvstore?.type, usual.updateOnKvstore]).toEqual(['device', true]);
});

describe('T-002 Parameters', () => {
  const slots = (parameters: TrainedParameters): readonly Parameter[] =>
    new Trainer(parameters, 'sgd').waitingParameters;

  test('T-002 maps are taken in the order of their sorted names, lists as they are', () => {
    const [a, b] = [parameter('a'), parameter('b')];
    expect(slots({ second: a, first: b })).toEqual([b, a]);
    expect(
      slots(
        new Map([
          ['b', a],
          ['a', b],
        ]),
      ),
    ).toEqual([b, a]);
    expect(slots([b, a])).toEqual([b, a]);
  });

  test.each([
    ['a Parameter', () => parameter(), /must be a list or dict of Parameters, got Parameter/],
    ['a number', () => 3, /got number/],
    ['a list of other things', () => [parameter(), 'w'], /got list of string/],
    ['null', () => null, /got null/],
    ['nothing', () => [], /at least one Parameter/],
  ])('T-002 %s is refused', (_what, make, message) => {
    const create = () => new Trainer(make() as TrainedParameters, 'sgd');
    expect(create).toThrow(InvalidArgumentError);
    expect(create).toThrow(message);
  });
});

test('T-003 a Parameter that is given twice is updated once, and slots stay without gaps', async () => {
  const [x, y] = [parameter('x'), parameter('y')];
  const trainer = new Trainer([x, x, y], 'sgd', { learningRate: 1 });
  expect(trainer.waitingParameters).toEqual([x, y]);
  expect([...trainer.optimizer.paramDict.entries()]).toEqual([
    [0, x],
    [1, y],
  ]);
  for (const each of [x, y]) backward(each);
  trainer.step(1);
  expect([await firsts(x), await firsts(y)]).toEqual([
    [-2, -2],
    [-2, -2],
  ]);
});

describe('T-004 the Parameters are told their Trainer', () => {
  const sparse = () => parameter('s', { stype: 'row_sparse', gradStype: 'row_sparse', shape: [3, 2] });

  test('T-004 P-190 dense Parameters go to whatever Trainer comes last', () => {
    const x = parameter();
    new Trainer([x], 'sgd');
    expect(() => new Trainer([x], 'sgd')).not.toThrow();
    x.setTrainer(null);
  });

  test('T-004 P-191 a sparse Parameter has one Trainer; another leaves everything as it was', () => {
    const [s, other] = [sparse(), sparse()];
    const first = new Trainer([s], 'sgd');
    expect(() => new Trainer([other, s], 'sgd')).toThrow(InvalidStateError);
    expect(() => new Trainer([other, s], 'sgd')).toThrow(/Parameter 's'.*already set/);
    expect(() => new Trainer([other], 'sgd')).not.toThrow();
    expect(s.rowSparseData([0]).shape).toEqual([3, 2]);
    expect(first.kvstore).not.toBeNull();
  });

  test('T-004 P-192 setting it again, or null and then another, is fine', () => {
    const s = sparse();
    const first = new Trainer([s], 'sgd');
    s.setTrainer(first);
    s.setTrainer(null);
    expect(() => new Trainer([s], 'sgd')).not.toThrow();
  });

  test('T-004 P-194 row_sparse gradients of dense weights do not bind', () => {
    const x = parameter('x', { gradStype: 'row_sparse' });
    new Trainer([x], 'sgd');
    expect(() => new Trainer([x], 'sgd')).not.toThrow();
  });
});

describe('T-005 devices', () => {
  test('T-005 every Parameter is initialized or deferred', () => {
    const create = () => new Trainer([parameter(), new Parameter('w', { runtime })], 'sgd');
    expect(create).toThrow(NotInitializedError);
    expect(create).toThrow(/Parameter 'w' has not been initialized/);
  });

  test('T-005 all on one list of devices, whose order counts', () => {
    const create = () => new Trainer([parameter('x'), parameter('y', { device: [cpu(1), cpu(0)] })], 'sgd');
    expect(create).toThrow(DeviceMismatchError);
    expect(create).toThrow(/Parameter 'y' is on \[cpu\(1\), cpu\(0\)\]/);
  });

  test('T-005 P-129 deferred Parameters are taken, and wait', () => {
    const w = new Parameter('w', { shape: [-1, 2], allowDeferredInit: true, runtime });
    w.initialize({ init: 'zeros', device: [...TWO] });
    expect(new Trainer([parameter(), w], 'sgd').waitingParameters).toContain(w);
  });
});

describe('T-006 the optimizer', () => {
  test('T-006 names are known in any case, and unknown ones refused', () => {
    expect(new Trainer([parameter()], 'SGD', { learningRate: 0.3 }).learningRate).toBe(0.3);
    expect(() => new Trainer([parameter()], 'sgdd')).toThrow(/Cannot find optimizer "sgdd"/);
    const create = () => new Trainer([parameter()], null as unknown as string);
    expect(create).toThrow(InvalidArgumentError);
    expect(create).toThrow(/must be a name or an Optimizer, got object/);
  });

  test('T-006 an instance has its arguments already', () => {
    const optimizer = new SGD({ learningRate: 2 });
    expect(new Trainer([parameter()], optimizer).optimizer).toBe(optimizer);
    const create = () => new Trainer([parameter()], optimizer, { learningRate: 1 });
    expect(create).toThrow(InvalidArgumentError);
    expect(create).toThrow(/optimizerParams/);
  });

  test('T-006 there is an updater for each device, and one optimizer', () => {
    const { updaters, optimizer } = new Trainer([parameter()], 'sgd');
    expect(updaters.map((updater) => updater.optimizer)).toEqual([optimizer, optimizer]);
  });

  test('T-006 a change of lrMult or wdMult acts at the next step', async () => {
    const x = parameter('x', { init: 'ones' });
    const trainer = new Trainer([x], 'sgd', { learningRate: 1, wd: 1 }, { updateOnKvstore: false });
    backward(x);
    x.lrMult = 0.5;
    x.wdMult = 2;
    trainer.step(1);
    expect(await firsts(x)).toEqual([1 - 0.5 * (2 + 2), 1 - 0.5 * (2 + 2)]);
  });

  test('T-007 one that aggregates updates the copies, not the store', () => {
    const x = parameter();
    expect(() => new Trainer([x], 'adamw', {}, { updateOnKvstore: true })).toThrow(InvalidArgumentError);
    const trainer = new Trainer([x], 'sgd', { aggregateNum: 2 });
    backward(x);
    trainer.step(1);
    expect(trainer.updateOnKvstore).toBe(false);
  });

  test('T-022 the learning rate can be read and set', () => {
    const trainer = new Trainer([parameter()], 'sgd');
    expect(trainer.learningRate).toBe(0.1);
    trainer.setLearningRate(0.5);
    expect(trainer.learningRate).toBe(0.5);
  });

  test('T-022 with a scheduler it follows the updates and cannot be set', () => {
    const x = parameter();
    const trainer = new Trainer([x], 'sgd', { lrScheduler: (updates) => 0.1 ** Math.floor(updates / 2) });
    const rates: number[] = [];
    for (let i = 0; i < 4; i++) {
      backward(x);
      trainer.step(1);
      rates.push(trainer.learningRate);
    }
    expect(rates).toEqual([1, 0.1, 0.1, 0.1 ** 2]);
    expect(() => trainer.setLearningRate(1)).toThrow(InvalidStateError);
    expect(() => trainer.setLearningRate(1)).toThrow(/LRScheduler of the optimizer has already been defined/);
  });
});

describe('the choice of a store', () => {
  const stepped = (x: Parameter, options: ConstructorParameters<typeof Trainer>[3]): Trainer => {
    const trainer = new Trainer([x], 'sgd', {}, options);
    backward(x);
    trainer.step(1, { ignoreStaleGrad: true });
    return trainer;
  };

  test('T-008 it is made by the first use, not by the constructor', () => {
    const x = parameter();
    const trainer = new Trainer([x], 'sgd', {}, { updateOnKvstore: false });
    expect([trainer.kvstore, trainer.updateOnKvstore]).toEqual([null, null]);
    trainer.allreduceGrads();
    expect(trainer.kvstore).toBeInstanceOf(KVStore);
    expect(() => new Trainer([x], 'sgd', {}, { kvstore: 'nonsense' })).not.toThrow();
  });

  test.each([
    ['null makes none', TWO, null, null],
    ['one device needs none', [cpu(1)], 'device', null],
    ['several devices have one', TWO, 'local', 'local'],
  ] as const)('T-009 %s', (_what, device, kvstore, type) => {
    expect(stepped(parameter('x', { device }), { kvstore }).kvstore?.type ?? null).toBe(type);
  });

  test('T-009 a store of one’s own is used as it is, and updates only where it can (K-008)', async () => {
    const store = new PlainStore();
    const x = parameter();
    const trainer = new Trainer([x], 'sgd', { learningRate: 1 }, { kvstore: store });
    backward(x);
    trainer.step(1);
    expect([trainer.kvstore, trainer.updateOnKvstore]).toEqual([store, false]);
    expect(store.calls).toEqual(['broadcast', 'pushpull']);
    expect(await firsts(x)).toEqual([-2, -2]);
    const refused = () => stepped(parameter(), { kvstore: store, updateOnKvstore: true });
    expect(refused).toThrow(InvalidArgumentError);
    expect(refused).toThrow(/Please set updateOnKvstore to false.*teststore/);
  });

  test('T-009 a large Parameter is not updated in a local store', () => {
    const large = parameter('x', { shape: [16 * 1024 * 1024 + 1], gradReq: 'null' });
    const trainer = new Trainer([large], 'sgd', {}, { kvstore: 'local' });
    trainer.allreduceGrads();
    expect(trainer.updateOnKvstore).toBe(false);
  });

  test('T-009 the environment may turn updates on the store off', () => {
    process.env.MXNET_UPDATE_ON_KVSTORE = '0';
    try {
      expect(stepped(parameter(), {}).updateOnKvstore).toBe(false);
      expect(stepped(parameter(), { updateOnKvstore: true }).updateOnKvstore).toBe(true);
    } finally {
      delete process.env.MXNET_UPDATE_ON_KVSTORE;
    }
  });

  test('T-009 what is no store is refused', () => {
    const refused = () => stepped(parameter(), { kvstore: 3 as unknown as string });
    expect(refused).toThrow(InvalidArgumentError);
    expect(refused).toThrow(/kvstore must be KVStore, string or null, got number/);
    expect(() => stepped(parameter(), { kvstore: 'nonsense' })).toThrow(/Unknown KVStore type "nonsense"/);
  });

  describe('T-010 sparse weights', () => {
    const sparse = (device = [cpu(0)]) =>
      parameter('s', { stype: 'row_sparse', gradStype: 'row_sparse', shape: [3, 2], device });
    const used = (options: ConstructorParameters<typeof Trainer>[3]) => {
      const s = sparse();
      const trainer = new Trainer([s], 'sgd', {}, options);
      s.rowSparseData([0]);
      return trainer;
    };

    test('T-010 always have a store that updates them', () => {
      const trainer = used({});
      expect([trainer.kvstore?.type, trainer.updateOnKvstore]).toEqual(['device', true]);
      const own = new KVStore('local');
      expect(used({ kvstore: own }).kvstore).toBe(own);
    });

    test.each([
      ['updateOnKvstore: false', { updateOnKvstore: false }, /Cannot set updateOnKvstore to false when sparse weights/],
      ['no store', { kvstore: null }, /Cannot create 'null' KVStore with row_sparse parameters/],
      ['a store of another kind', { kvstore: new PlainStore() }, /Cannot create 'teststore' KVStore/],
    ])('T-010 refuse %s', (_what, options, message) => {
      expect(() => used(options)).toThrow(InvalidArgumentError);
      expect(() => used(options)).toThrow(message);
    });
  });

  describe('T-011 sparse gradients of dense weights', () => {
    const x = (device: readonly [ReturnType<typeof cpu>, ...ReturnType<typeof cpu>[]] = TWO) =>
      parameter('x', { gradStype: 'row_sparse', device });

    test('T-011 are updated by the devices, unless told otherwise', () => {
      expect(stepped(x(), {}).updateOnKvstore).toBe(false);
      expect(stepped(x(), { updateOnKvstore: true }).updateOnKvstore).toBe(true);
    });

    test('T-011 take no store of one’s own', () => {
      expect(() => stepped(x(), { kvstore: new PlainStore() })).toThrow(/teststore.*sparse gradients/);
    });

    test('T-013 on one device have no store: neither false nor true', async () => {
      const one = x([cpu(0)]);
      const trainer = new Trainer([one], 'sgd', { learningRate: 1, momentum: 0.5 });
      backward(one);
      trainer.step(1);
      expect([trainer.kvstore, trainer.updateOnKvstore]).toEqual([null, null]);
      expect(await firsts(one)).toEqual([-1]);
    });
  });

  test('T-012 an asynchronous store updates the weights itself', () => {
    const store = () => new PlainStore('dist_async', { capable: true });
    expect(stepped(parameter(), { kvstore: store() }).updateOnKvstore).toBe(true);
    expect(() => stepped(parameter(), { kvstore: store(), updateOnKvstore: false })).toThrow(/async mode/);
  });
});
