import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidArgumentError, InvalidStateError } from '../../../core/errors.ts';
import * as initializer from '../../../core/initializer/index.ts';
import { parsePythonJson, toPythonJson } from '../../../core/initializer/python-json.ts';
import { warnings } from '../../../core/warnings.ts';
import { openRuntime } from '../device/runtimes.ts';
import { weightOf } from './targets.ts';

const {
  alias,
  Bilinear,
  Constant,
  create,
  Initializer,
  isInitializer,
  Load,
  LSTMBias,
  Mixed,
  MSRAPrelu,
  Normal,
  One,
  Orthogonal,
  RNNFused,
  register,
  Uniform,
  Xavier,
  Zero,
} = initializer;
const runtime = openRuntime();

describe('dumps writes the JSON that MXNet writes', () => {
  test.each([
    [Zero(), '["zero", {}]'],
    [One(), '["one", {}]'],
    [Constant(1), '["constant", {"value": 1}]'],
    [Constant(2.5), '["constant", {"value": 2.5}]'],
    [Constant(1e-5), '["constant", {"value": 1e-05}]'],
    [Constant(-1.25e20), '["constant", {"value": -1.25e+20}]'],
    [Constant(2n ** 60n + 1n), '["constant", {"value": 1152921504606846977}]'],
    [Constant(Number.NaN), '["constant", {"value": NaN}]'],
    [Constant(-Infinity), '["constant", {"value": -Infinity}]'],
    [
      Constant([
        [1, 2.5],
        [3, 4],
      ]),
      '["constant", {"value": [[1, 2.5], [3, 4]]}]',
    ],
    [Uniform(), '["uniform", {"scale": 0.07}]'],
    [Normal(), '["normal", {"sigma": 0.01}]'],
    [Orthogonal(), '["orthogonal", {"scale": 1.414, "rand_type": "uniform"}]'],
    [Xavier(), '["xavier", {"rnd_type": "uniform", "factor_type": "avg", "magnitude": 3}]'],
    [MSRAPrelu(), '["msraprelu", {"factor_type": "avg", "slope": 0.25}]'],
    [Bilinear(), '["bilinear", {}]'],
    [LSTMBias(), '["lstmbias", {"forget_bias": 1.0}]'],
    [LSTMBias(0.5), '["lstmbias", {"forget_bias": 0.5}]'],
    [
      RNNFused({ mode: 'gru', numLayers: 2, stateSize: 4, i2hWeightInitializer: 'one', i2hBiasInitializer: Zero() }),
      '["rnnfused", {"mode": "gru", "num_layers": 2, "state_size": 4, "bidirectional": false, "projection_size": null, "i2h_weight_initializer": "one", "h2h_weight_initializer": null, "i2h_bias_initializer": "[\\"zero\\", {}]", "h2h_bias_initializer": null, "h2r_weight_initializer": null}]',
    ],
  ])('%s', (made, json) => {
    expect(made.dumps()).toBe(json);
    expect(create(json).dumps()).toBe(json);
    expect(create(json).equals(made)).toBe(true);
  });

  test('but not for values on a device, which are read first', async () => {
    const array = runtime.fromBytes({ shape: [2, 2], dtype: 'int8', bytes: Uint8Array.of(1, 2, 3, 255) });
    const constant = Constant(array);
    expect(() => constant.dumps()).toThrow(InvalidStateError);
    expect(String(constant)).toBe('Constant of (2, 2) values');
    expect((await constant.withListValue()).dumps()).toBe('["constant", {"value": [[1, 2], [3, -1]]}]');
    expect(await Constant(3).withListValue()).toEqual(Constant(3));
  });

  test('nor for Mixed and Load, which MXNet does not register', () => {
    for (const made of [Mixed(['.*'], ['zero']), Load({})]) expect(() => made.dumps()).toThrow(InvalidStateError);
    expect([Mixed([], []), Load({})].map(String)).toEqual(['Mixed', 'Load']);
    for (const name of ['mixed', 'load']) expect(() => create(name)).toThrow(InvalidArgumentError);
  });
});

describe('create', () => {
  test.each([
    ['zero', Zero()],
    ['zeros', Zero()],
    ['one', One()],
    ['ones', One()],
    ['Uniform', Uniform()],
    ['NORMAL', Normal()],
    ['orthogonal', Orthogonal()],
    ['Xavier', Xavier()],
    ['MSRAPrelu', MSRAPrelu()],
    ['bilinear', Bilinear()],
    ['lstmBias', LSTMBias()],
  ])('knows %s in any case', (name, expected) => {
    expect(create(name).equals(expected)).toBe(true);
    expect(create(name).constructor).toBe(expected.constructor);
  });

  test('hands arguments to the constructor', () => {
    expect(create('constant', 2).equals(Constant(2))).toBe(true);
    expect(create('xavier', { magnitude: 2 }).equals(Xavier({ magnitude: 2 }))).toBe(true);
    expect(create({ initializer: 'Xavier', magnitude: 2, rnd_type: 'gaussian' }).dumps()).toBe(
      '["xavier", {"rnd_type": "gaussian", "factor_type": "avg", "magnitude": 2}]',
    );
  });

  test('reads the JSON of a list and of an object, with floats as Python writes them', () => {
    expect(create('["xavier", {"magnitude": 2.0}]').equals(Xavier({ magnitude: 2 }))).toBe(true);
    expect(create('["LSTMBias", {"forget_bias": 1}]').equals(LSTMBias())).toBe(true);
    expect(create('{"initializer": "uniform", "scale": 1e-05}').equals(Uniform(1e-5))).toBe(true);
    expect(create('["constant", {"value": [NaN, -Infinity]}]').equals(Constant([Number.NaN, -Infinity]))).toBe(true);
  });

  test('returns an instance as it is', () => {
    const made = Xavier();
    expect(create(made)).toBe(made);
    expect(() => create(made, 1)).toThrow('initializer is already an instance. Additional arguments are invalid');
  });

  test.each([
    [null, 'initializer must be of string type or an Initializer, got null.'],
    [undefined, 'must be of string type'],
    [3, 'must be of string type or an Initializer, got 3.'],
    [() => 0, 'must be of string type'],
    [{ scale: 1 }, 'must be of string type or an Initializer, got an object.'],
    ['gaussian', 'gaussian is not registered. Please register with initializer.register first.'],
    ['', 'is not registered'],
    ['["xavier", {"magnitude": "big"}]', /Bad argument magnitude of the initializer xavier: .*number/],
    ['["xavier", {"magnitud": 2}]', /Bad argument of the initializer xavier: .*magnitud/],
    ['["zero", {"value": 1}]', /Bad argument of the initializer zero/],
    ['["constant", {}]', 'The value of Constant must be a number'],
    ['["constant", {"value": "x"}]', 'The value of Constant must be a number'],
    ['["constant", {"value": 1, "other": 2}]', /Bad argument of the initializer constant/],
    ['["nothing", {}]', 'nothing is not registered'],
    ['["xavier"]', 'An initializer in JSON is ["name", {arguments}], got ["xavier"].'],
    ['["xavier", 3]', 'An initializer in JSON is'],
    ['{"scale": 3}', 'An initializer in JSON is'],
    ['["xavier", {"magnitude": 2', /is no valid JSON/],
  ])('refuses %s', (spec, message) => {
    const attempt = () => create(spec as string);
    expect(attempt).toThrow(InvalidArgumentError);
    expect(attempt).toThrow(message);
  });

  test('refuses arguments beside those of JSON, and a constant without a value', () => {
    expect(() => create('["xavier", {}]', 1)).toThrow('Additional arguments are invalid');
    expect(() => create({ initializer: 'xavier' }, 1)).toThrow('Additional arguments are invalid');
    expect(() => create('constant')).toThrow(InvalidArgumentError);
  });
});

describe('any initializer comes back from its JSON as it was', () => {
  const number = fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => value + 0);
  const factorType = fc.constantFrom('avg', 'in', 'out');
  const made = fc.oneof(
    fc.constantFrom(Zero(), One(), Bilinear()),
    fc.double().map((value) => Constant(value)),
    fc.array(fc.tuple(number, number)).map((value) => Constant(value)),
    number.map((scale) => Uniform(scale)),
    number.map((sigma) => Normal(sigma)),
    number.map((bias) => LSTMBias(bias)),
    fc.record({ scale: number, randType: fc.constantFrom('uniform', 'normal') }).map((it) => Orthogonal(it)),
    fc
      .record({ rndType: fc.constantFrom('uniform', 'gaussian'), factorType, magnitude: number })
      .map((it) => Xavier(it)),
    fc.record({ factorType, slope: number }).map((it) => MSRAPrelu(it)),
    fc
      .record({
        mode: fc.constantFrom('lstm', 'gru', 'rnn_relu', 'rnn_tanh'),
        numLayers: fc.integer({ min: 1, max: 9 }),
        stateSize: fc.integer({ min: 1, max: 99 }),
        bidirectional: fc.boolean(),
        projectionSize: fc.option(fc.integer({ min: 1, max: 9 })),
        i2hWeightInitializer: fc.option(number.map((scale) => Uniform(scale))),
      })
      .map((it) => RNNFused(it)),
  );

  test('dumps and create', () => {
    fc.assert(
      fc.property(made, (original) => {
        const copy = create(original.dumps());
        expect(copy.constructor).toBe(original.constructor);
        expect(copy.dumps()).toBe(original.dumps());
        expect(copy.equals(original)).toBe(true);
      }),
    );
  });

  test('text of any kind', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = toPythonJson(value as Parameters<typeof toPythonJson>[0]);
        expect(text).toMatch(/^[\x20-\x7f]*$/);
        expect(parsePythonJson(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(parsePythonJson('[-9007199254740993, 12.5, 1e30, -0.5E-3]')).toEqual([
      -9007199254740993n,
      12.5,
      1e30,
      -0.0005,
    ]);
    expect(toPythonJson(-(2 ** 53))).toBe('-9007199254740992.0');
    expect(parsePythonJson('["NaN", NaN, "a\\"Infinity"]')).toEqual(['NaN', Number.NaN, 'a"Infinity']);
  });
});

describe('equality', () => {
  test('takes the class and the arguments', () => {
    expect(Uniform(1).equals(Uniform(1))).toBe(true);
    expect(Uniform(1).equals(Uniform(2))).toBe(false);
    expect(Uniform(0.01).equals(Normal(0.01))).toBe(false);
    expect(MSRAPrelu().equals(Xavier({ rndType: 'gaussian', magnitude: 2 / 1.0625 }))).toBe(false);
  });

  test('of values on a device is identity', () => {
    const array = runtime.zeros({ shape: [2], dtype: 'float32' });
    expect(Constant(array).equals(Constant(array))).toBe(true);
    expect(Constant(array).equals(Constant(array.detach()))).toBe(false);
    expect(Constant(array).equals(Constant([0, 0]))).toBe(false);
    const mixed = Mixed([], []);
    expect([mixed.equals(mixed), mixed.equals(Mixed([], []))]).toEqual([true, false]);
  });
});

describe('classes of one’s own', () => {
  class Sevens extends Initializer {
    override initWeight(...[desc, array]: Parameters<typeof Initializer.prototype.initWeight>): void {
      Constant(7).initWeight(desc, array);
    }
  }

  test('are registered under their own name, with any arguments, and are called by it', async () => {
    expect(register(Sevens)).toBe(Sevens);
    expect(create('sevens')).toBeInstanceOf(Sevens);
    expect(create('["Sevens", {}]').dumps()).toBe('["sevens", {}]');
    expect(await weightOf(create('SEVENS'), { runtime, shape: [2] })).toEqual([7, 7]);
  });

  test('alias registers other names, and not their own', () => {
    class Eights extends Initializer {}
    expect(alias('Ochos', 'acht')(Eights)).toBe(Eights);
    expect([create('ochos'), create('acht')].every((made) => made instanceof Eights)).toBe(true);
    expect(() => create('eights')).toThrow('eights is not registered');
  });

  test('get the arguments of JSON as one object, unless they read them themselves', () => {
    class Scaled extends Initializer {
      readonly scale: unknown;
      constructor(options: { scale?: number } = {}) {
        super({ scale: options.scale ?? 1 });
        this.scale = options.scale;
      }
    }
    class Wide extends Uniform {}
    register(Scaled);
    register(Wide);
    expect(create('["scaled", {"scale": 3}]')).toMatchObject({ scale: 3 });
    expect(create('wide')).toBeInstanceOf(Wide);
    expect(create('["wide", {}]')).toBeInstanceOf(Wide);
  });

  test('override a name that is taken with a warning', () => {
    const heard: string[] = [];
    const stop = warnings.subscribe(({ category, message }) => heard.push(`${category}: ${message}`));
    class First extends Initializer {}
    class Second extends Initializer {}
    alias('taken')(First);
    alias('Taken')(Second);
    stop();
    expect(heard).toEqual([
      'UserWarning: New initializer Second registered with name taken is overriding existing initializer First.',
    ]);
    expect(create('taken')).toBeInstanceOf(Second);
  });

  test.each([class {}, Map, 'xavier', null, undefined, () => 0])(
    'are subclasses of Initializer: %s is refused',
    (type) => {
      expect(() => register(type as unknown as typeof Zero)).toThrow(InvalidArgumentError);
      expect(() => alias('x')(type as unknown as typeof Zero)).toThrow('Can only register subclass of Initializer');
    },
  );

  test('must say how they set a weight', () => {
    class Empty extends Initializer {}
    const array = runtime.zeros({ shape: [1], dtype: 'float32' });
    expect(() => new Empty().initWeight('w', array)).toThrow(
      'Must override it: the initializer Empty has no initWeight',
    );
  });
});

test('a class is called with and without new, extended and recognized', () => {
  expect(Xavier({ magnitude: 2 }).equals(new Xavier({ magnitude: 2 }))).toBe(true);
  expect(Xavier()).toBeInstanceOf(Xavier);
  expect(MSRAPrelu()).toBeInstanceOf(Xavier);
  expect([isInitializer(Zero()), isInitializer(Load({})), isInitializer({}), isInitializer('zero')]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
