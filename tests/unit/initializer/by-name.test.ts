import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import '../../../core/checkpoint/array-files.ts';
import { cpu } from '../../../core/device/device.ts';
import { save } from '../../../core/device/nd-files.ts';
import {
  CheckpointFormatError,
  FileAccessError,
  InvalidArgumentError,
  InvalidStateError,
  ShapeMismatchError,
} from '../../../core/errors.ts';
import { Constant, InitDesc, type Initializer, Load, Mixed, One, Zero } from '../../../core/initializer/index.ts';
import { openRuntime } from '../device/runtimes.ts';
import { valuesOf, zeros } from './targets.ts';

const runtime = openRuntime();

/** What a vector of two that is called `name` becomes, as in `initializer(InitDesc(name), array)`. */
async function called(initializer: Initializer, name: string): Promise<number[]> {
  const array = zeros({ runtime, shape: [2] });
  initializer.apply(new InitDesc(name), array);
  return valuesOf(array);
}

/** The same as a Parameter does it. */
async function initialized(initializer: Initializer, name: string): Promise<number[]> {
  const array = zeros({ runtime, shape: [2] });
  new Zero().apply(new InitDesc(name, { __init__: initializer }), array);
  return valuesOf(array);
}

function vector(...values: number[]) {
  const bytes = new Uint8Array(Float32Array.from(values).buffer);
  return runtime.fromBytes({ shape: [values.length], dtype: 'float32', bytes });
}

describe('Mixed', () => {
  const mixed = Mixed(['fc', 'bias|w', '.*'], [Constant(1), 'ones', '["constant", {"value": 3}]']);

  test('takes the first pattern that matches at the start of the name', async () => {
    expect(await initialized(mixed, 'fc_bias')).toEqual([1, 1]);
    expect(await initialized(mixed, 'w_fc')).toEqual([1, 1]);
    expect(await initialized(mixed, 'my_fc_bias')).toEqual([3, 3]);
    // A pattern binds its alternatives to the start, all of them.
    expect(await initialized(Mixed(['a|b', '.*'], [One(), Constant(2)]), 'xb')).toEqual([2, 2]);
    expect(await initialized(Mixed([/FC/i, /.*/g], [One(), Constant(2)]), 'fc')).toEqual([1, 1]);
  });

  test('called directly, the chosen one goes by the ending of the name', async () => {
    expect(await called(Mixed(['fc', '.*'], [Constant(4), Constant(5)]), 'fc_weight')).toEqual([4, 4]);
    expect(await called(Mixed(['fc', '.*'], [Constant(4), Constant(5)]), 'fc_bias')).toEqual([0, 0]);
    await expect(called(mixed, 'fc')).rejects.toThrow('Unknown initialization pattern for fc');
  });

  test('an initializer of the array’s own comes first', async () => {
    const array = zeros({ runtime, shape: [2] });
    Mixed(['fc'], ['zeros']).apply(new InitDesc('other', { __init__: 'ones' }), array);
    expect(await valuesOf(array)).toEqual([1, 1]);
  });

  test('refuses a name that nothing matches, lists of two lengths, and what is no pattern', async () => {
    const attempt = initialized(Mixed(['fc'], ['zeros']), 'conv_weight');
    await expect(attempt).rejects.toThrow(InvalidArgumentError);
    await expect(attempt).rejects.toThrow('Parameter name conv_weight did not match any pattern.');
    expect(() => Mixed(['a', 'b'], ['zeros'])).toThrow('Mixed takes as many initializers as patterns, got 1 for 2.');
    expect(() => Mixed(['('], ['zeros'])).toThrow(InvalidArgumentError);
    expect(() => Mixed(['a'], ['nope'])).toThrow('nope is not registered');
  });
});

describe('Load', () => {
  test('takes values by name, without the prefixes of MXNet', async () => {
    const load = Load({ 'arg:fc_weight': vector(1, 2), 'aux:mean': vector(3, 4), fc_bias: vector(5, 6) });
    await load.ready;
    expect(await called(load, 'fc_weight')).toEqual([1, 2]);
    expect(await called(load, 'mean')).toEqual([3, 4]);
    expect(await called(load, 'aux:fc_bias')).toEqual([5, 6]);
    expect(await initialized(load, 'fc_bias')).toEqual([5, 6]);
  });

  test('casts and copies from another device', async () => {
    const bytes = Uint8Array.of(1, 255);
    const load = Load({ w: runtime.fromBytes({ shape: [2], dtype: 'int8', device: cpu(1), bytes }) });
    expect(await initialized(load, 'w')).toEqual([1, -1]);
  });

  test('leaves the rest to the default', async () => {
    const load = Load({}, 'ones');
    expect(await initialized(load, 'x_bias')).toEqual([1, 1]);
    expect(await called(load, 'x_weight')).toEqual([1, 1]);
    expect(await called(load, 'x_bias')).toEqual([0, 0]);
  });

  test('refuses a name without value and default, and another shape', async () => {
    const load = Load({ w: vector(1, 2, 3) });
    const absent = initialized(load, 'x');
    await expect(absent).rejects.toThrow(InvalidArgumentError);
    await expect(absent).rejects.toThrow(
      'Cannot Initialize x. Not found in loaded param and no default Initializer is provided.',
    );
    const misshapen = initialized(load, 'w');
    await expect(misshapen).rejects.toThrow(ShapeMismatchError);
    await expect(misshapen).rejects.toThrow(
      'Parameter w cannot be initialized from loading. Shape mismatch, target (2,) vs loaded (3,).',
    );
    for (const source of [3, null, [vector(1)]]) {
      expect(() => Load(source as unknown as string)).toThrow('Load takes the path of a file, or arrays by name.');
    }
  });

  describe('of a file', () => {
    let folder = '';
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'parascope-load-'));
    });
    afterAll(() => rm(folder, { recursive: true }));

    test.each(['params', 'npz', 'safetensors'])('.%s', async (ending) => {
      const path = join(folder, `weights.${ending}`);
      await save(path, { w: vector(7, 8) });
      const load = Load(path, null, { runtime });
      expect(() => load.initWeight('w', zeros({ runtime, shape: [2] }))).toThrow(InvalidStateError);
      await load.ready;
      expect(await initialized(load, 'w')).toEqual([7, 8]);
    });

    test('fails when it is awaited and when it is used', async () => {
      const load = Load(join(folder, 'none.params'), null, { runtime });
      await expect(load.ready).rejects.toThrow(FileAccessError);
      await expect(initialized(load, 'w')).rejects.toThrow(FileAccessError);
      await writeFile(join(folder, 'text.params'), 'no arrays in here');
      await expect(Load(join(folder, 'text.params')).ready).rejects.toThrow(CheckpointFormatError);
    });

    test('is refused where the arrays have no names', async () => {
      const path = join(folder, 'list.params');
      await save(path, [vector(1)]);
      await expect(Load(path, null, { runtime }).ready).rejects.toThrow(/have no names, by which Load looks them up/);
    });
  });

  describe('says on stderr where values came from', () => {
    afterEach(() => vi.restoreAllMocks());

    test('when it is verbose', async () => {
      const lines: string[] = [];
      vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
      const load = Load({ w: vector(1, 2) }, 'zeros', { verbose: true });
      await initialized(load, 'w');
      await initialized(load, 'x');
      await initialized(Load({ w: vector(1, 2) }), 'w');
      expect(lines).toEqual(['Initialized w by loading\n', 'Initialized x by default\n']);
    });
  });
});
