import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { InvalidArgumentError, ShapeMismatchError, UnsupportedDTypeError } from '../../../core/errors.ts';
import { Constant, InitDesc, Normal, One, Uniform, Xavier } from '../../../core/initializer/index.ts';
import { warnings } from '../../../core/warnings.ts';
import { openRuntime } from '../device/runtimes.ts';
import { valuesOf, zeros } from './targets.ts';

const runtime = openRuntime();
const FIVES = Constant(5);

/** What a Constant of 5 makes of a vector of 3 with that name. */
async function set(desc: InitDesc | string): Promise<number[]> {
  const array = runtime.fromBytes({ shape: [3], dtype: 'int8', bytes: Uint8Array.of(9, 9, 9) });
  FIVES.apply(desc, array);
  return valuesOf(array);
}

describe('the ending of a name decides', () => {
  test.each([
    ['fc_weight', 5],
    ['myweight', 5],
    ['weight', 5],
    ['w_bias', 0],
    ['bias', 0],
    ['bn_gamma', 1],
    ['bn_beta', 0],
    ['quantized_min', 0],
    ['quantized_max', 1],
    ['fc_bias_quantize', 0],
  ])('%s becomes %i', async (name, value) => {
    expect(await set(new InitDesc(name))).toEqual([value, value, value]);
  });

  test.each(['weights', 'foo', 'weight_', 'running_mean', 'running_var', 'moving_mean', 'moving_var', 'Bias', ''])(
    'and %j says nothing',
    (name) => {
      const array = zeros({ runtime, shape: [3] });
      const attempt = () => FIVES.apply(new InitDesc(name), array);
      expect(attempt).toThrow(InvalidArgumentError);
      expect(attempt).toThrow(`Unknown initialization pattern for ${name}. Default initialization is now limited to`);
    },
  );

  test('a quantized weight is one random integer of [-127, 127)', async () => {
    const seen = new Set<number>();
    for (let i = 0; i < 60; i++) {
      const [first, ...rest] = await set(new InitDesc('fc_weight_quantize'));
      expect(rest).toEqual([first, first]);
      expect(Number.isInteger(first) && first! >= -127 && first! < 127).toBe(true);
      seen.add(first!);
    }
    expect(seen.size).toBeGreaterThan(20);
  });
});

describe('the attribute __init__', () => {
  test.each([
    ['ones', 1],
    ['["constant", {"value": 2.5}]', 2],
    [One(), 1],
  ])('%s wins over any name, by its weight rule', async (own, value) => {
    for (const name of ['foo', 'fc_bias', 'fc_weight', 'bn_gamma']) {
      expect(await set(new InitDesc(name, { __init__: own }))).toEqual([value, value, value]);
    }
  });

  test('is not used where it is empty', async () => {
    expect(await set(new InitDesc('fc_weight', { __init__: '' }))).toEqual([5, 5, 5]);
    expect(await set(new InitDesc('fc_bias', { __init__: undefined, lr_mult: 2 }))).toEqual([0, 0, 0]);
  });

  test('that is not registered changes nothing', async () => {
    const array = runtime.fromBytes({ shape: [1], dtype: 'int8', bytes: Uint8Array.of(9) });
    expect(() => FIVES.apply(new InitDesc('w', { __init__: 'nope' }), array)).toThrow('nope is not registered');
    expect(await valuesOf(array)).toEqual([9]);
  });
});

test('an InitDesc remembers the first initializer that was applied', () => {
  const array = zeros({ runtime, shape: [3] });
  const desc = new InitDesc('w_weight');
  expect([desc.globalInit, desc.attrs, String(desc)]).toEqual([null, {}, 'w_weight']);
  FIVES.apply(desc, array);
  One().apply(desc, array);
  expect(desc.globalInit).toBe(FIVES);
  const given = new InitDesc('w_weight', {}, 'zeros');
  FIVES.apply(given, array);
  expect(given.globalInit).toBe('zeros');
});

describe('a plain string as name is deprecated', () => {
  let heard: string[] = [];
  let stop = () => {};
  beforeEach(() => {
    heard = [];
    stop = warnings.subscribe(({ category }) => heard.push(category));
  });
  afterEach(() => stop());

  test.each([
    ['fc_weight', 5],
    ['fc_bias', 0],
    ['bn_gamma', 1],
    ['bn_beta', 0],
    ['bn_moving_mean', 0],
    ['bn_moving_var', 1],
    ['bn_moving_inv_var', 0],
    ['bn_moving_avg', 0],
    ['q_min', 0],
    ['q_max', 1],
    ['stn_loc_weight', 0],
  ])('%s becomes %i', async (name, value) => {
    expect(await set(name)).toEqual([value, value, value]);
    expect(heard).toEqual(['DeprecationWarning']);
  });

  test.each(['running_mean', 'running_var', 'foo', 'fc_weight_quantize'])('%s says nothing', (name) => {
    expect(() => FIVES.apply(name, zeros({ runtime, shape: [3] }))).toThrow(
      `Unknown initialization pattern for ${name}`,
    );
  });

  test('upsampling gets the bilinear kernel, stn_loc the transform that moves nothing', async () => {
    const kernel = zeros({ runtime, shape: [1, 1, 1, 4] });
    FIVES.apply('upsampling0_bias', kernel);
    expect(await valuesOf(kernel)).toEqual([0.0625, 0.1875, 0.1875, 0.0625]);
    const transform = zeros({ runtime, shape: [6] });
    FIVES.apply('stn_loc_bias', transform);
    expect(await valuesOf(transform)).toEqual([1, 0, 0, 0, 1, 0]);
    expect(() => FIVES.apply('stn_loc_bias', zeros({ runtime, shape: [5] }))).toThrow(ShapeMismatchError);
    expect(() => FIVES.apply('upsampling', zeros({ runtime, shape: [2, 2] }))).toThrow(ShapeMismatchError);
  });
});

describe('wrong arguments', () => {
  test('a name that is neither a string nor an InitDesc', () => {
    for (const name of [3, null, undefined, {}]) {
      const attempt = () => FIVES.apply(name as unknown as string, zeros({ runtime, shape: [1] }));
      expect(attempt).toThrow(InvalidArgumentError);
      expect(attempt).toThrow('name must be string');
    }
  });

  test('a target that is no NDArray', () => {
    for (const array of [[1, 2], null, new Float32Array(2)]) {
      const attempt = () => FIVES.apply(new InitDesc('w_weight'), array as never);
      expect(attempt).toThrow(InvalidArgumentError);
      expect(attempt).toThrow('arr must be NDArray');
    }
  });

  test('a dtype that random values do not have', () => {
    for (const dtype of ['int8', 'int32', 'int64', 'bool', 'complex64', 'float8_e8m0fnu'] as const) {
      const array = zeros({ runtime, shape: [2, 2], dtype });
      for (const initializer of [Uniform(), Normal(), Xavier()]) {
        const attempt = () => initializer.apply(new InitDesc('w_weight'), array);
        expect(attempt).toThrow(UnsupportedDTypeError);
        expect(attempt).toThrow(`Random initializers cannot set w_weight, whose dtype is ${dtype}`);
      }
    }
  });

  test('a spread that is no number', () => {
    const array = zeros({ runtime, shape: [2, 2] });
    const desc = new InitDesc('w_weight');
    expect(() => Uniform(Number.NaN).apply(desc, array)).toThrow(/range of the uniform values for w_weight/);
    expect(() => Uniform(-1).apply(desc, array)).toThrow(/must be finite and ascend, got \[1, -1\)/);
    expect(() => Uniform('x' as unknown as number).apply(desc, array)).toThrow(InvalidArgumentError);
    expect(() => Normal(-1).apply(desc, array)).toThrow('The standard deviation for w_weight must be finite');
    expect(() => Normal(Infinity).apply(desc, array)).toThrow(InvalidArgumentError);
    expect(() => Xavier({ magnitude: -1 }).apply(desc, array)).toThrow(InvalidArgumentError);
  });
});

describe('a verbose initializer', () => {
  const lines: string[] = [];
  beforeEach(() => {
    lines.length = 0;
    vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
      lines.push(String(line));
      return true;
    });
  });
  afterEach(() => vi.restoreAllMocks());

  test('says what it did, with L2 norm / sqrt(size)', async () => {
    const initializer = Constant(3);
    expect(initializer.setVerbosity(true)).toBe(initializer);
    const array = zeros({ runtime, shape: [4] });
    initializer.apply(new InitDesc('w_weight'), array);
    initializer.apply(new InitDesc('w_gamma'), array);
    initializer.apply(new InitDesc('w', { __init__: 'zeros' }), array);
    await runtime.sync();
    await vi.waitFor(() => expect(lines).toHaveLength(3));
    expect(lines).toEqual([
      'Initialized w_weight as weight: 3\n',
      'Initialized w_gamma as gamma: 1\n',
      'Initialized w as zeros: 0\n',
    ]);
  });

  test('takes another statistic, and is quiet again when told so', async () => {
    const initializer = Constant(3).setVerbosity(true, async (array) => `${array.size} elements`);
    const array = zeros({ runtime, shape: [4] });
    initializer.apply(new InitDesc('w_weight'), array);
    await vi.waitFor(() => expect(lines).toEqual(['Initialized w_weight as weight: 4 elements\n']));
    initializer.setVerbosity();
    initializer.apply(new InitDesc('w_weight'), array);
    await runtime.sync();
    expect(lines).toHaveLength(1);
  });
});
