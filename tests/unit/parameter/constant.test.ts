import { describe, expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import { InvalidArgumentError, InvalidStateError } from '../../../core/errors.ts';
import { Constant } from '../../../core/parameter/constant.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import type { GradReq } from '../../../core/parameter/parameter-options.ts';
import { type ParameterWarning, warnings } from '../../../core/warnings.ts';
import { bytesOf, openRuntime } from '../device/runtimes.ts';

const runtime = openRuntime();
const VALUE = [
  [1, 2],
  [3, 4],
];

function constant(): Constant {
  return new Constant(VALUE, { runtime });
}

function array(dtype: 'int16' | 'float32', ...values: number[]) {
  const bytes = bytesOf(dtype === 'int16' ? Int16Array.from(values) : Float32Array.from(values));
  return runtime.fromBytes({ shape: [values.length], dtype, bytes });
}

describe('a Constant', () => {
  test('P-250: uses an array as it is, with its dtype, and makes float32 of numbers', async () => {
    const given = array('int16', 1, 2);
    const c = new Constant(given);
    expect([c.value === given, c.dtype, c.shape]).toEqual([true, 'int16', [2]]);
    const made = constant();
    expect([made.dtype, made.shape, await made.value.data()]).toEqual(['float32', [2, 2], Float32Array.of(1, 2, 3, 4)]);
    expect(new Constant(Float64Array.of(1, 2), { runtime })).toMatchObject({ dtype: 'float32', shape: [2] });
    expect(() => new Constant([[1], [2, 3]], { runtime })).toThrow(InvalidArgumentError);
  });

  test('P-251: is called const, has no gradient and an initializer of its own', () => {
    const [a, b] = [constant(), constant()];
    expect(a).toBeInstanceOf(Parameter);
    expect(a).toMatchObject({ name: 'const', gradReq: 'null', status: 'uninitialized' });
    expect(String(a.init)).not.toBe(String(b.init));
  });

  test('P-252: its initializer belongs to it alone: no name is registered (decision)', async () => {
    const c = constant();
    const p = new Parameter('w', { runtime, shape: [2, 2] });
    expect(() => p.initialize({ init: String(c.init) })).toThrow(InvalidArgumentError);
    p.initialize({ init: c.init });
    expect(await p.data().data()).toEqual(Float32Array.of(1, 2, 3, 4));
  });

  test('P-253: gradReq stays null; anything else is ignored with a warning', () => {
    const heard: ParameterWarning[] = [];
    const stop = warnings.subscribe((warning) => heard.push(warning));
    const c = constant();
    c.gradReq = 'null';
    c.gradReq = 'write';
    c.gradReq = 'sum' as GradReq;
    stop();
    expect(c.gradReq).toBe('null');
    expect(heard).toEqual(
      ['write', 'sum'].map((value) => ({
        category: 'UserWarning',
        message: `Constant parameter "const" does not support grad_req other than "null", and new value "${value}" is ignored.`,
      })),
    );
  });

  test('P-254: has its value on all devices whatever the default; an explicit initializer overrides it', async () => {
    const c = constant();
    c.initialize({ device: [cpu(0), cpu(1)], defaultInit: 'zeros' });
    for (const copy of c.listData()) expect(await copy.data()).toEqual(Float32Array.of(1, 2, 3, 4));
    c.initialize({ init: 'ones', forceReinit: true });
    expect(await c.data().data()).toEqual(Float32Array.of(1, 1, 1, 1));
  });

  test('P-255: has no gradient to ask for, and none to set to zero', () => {
    const c = constant();
    c.initialize();
    expect(() => c.grad()).toThrow(InvalidStateError);
    expect(() => c.listGrad()).toThrow("Cannot get gradient array for Parameter 'const' because grad_req='null'");
    c.zeroGrad();
  });

  test('P-256: its data may be set; initializing anew restores its value', async () => {
    const c = constant();
    c.initialize();
    c.setData([
      [9, 9],
      [9, 9],
    ]);
    expect(await c.data().data()).toEqual(Float32Array.of(9, 9, 9, 9));
    expect(await c.value.data()).toEqual(Float32Array.of(1, 2, 3, 4));
    c.initialize({ forceReinit: true });
    expect(await c.data().data()).toEqual(Float32Array.of(1, 2, 3, 4));
  });

  test('P-258: what is loaded replaces the data as in any Parameter', async () => {
    const c = new Constant([1, 2], { runtime });
    c.initialize();
    await c.loadInit(array('float32', 5, 6));
    expect(await c.data().data()).toEqual(Float32Array.of(5, 6));
  });

  test('P-259: is cast, and initialized anew in the new dtype', async () => {
    const c = constant();
    c.initialize();
    c.cast('int8');
    expect(await c.data().data()).toEqual(Int8Array.of(1, 2, 3, 4));
    c.initialize({ forceReinit: true });
    expect([c.data().dtype, await c.data().data()]).toEqual(['int8', Int8Array.of(1, 2, 3, 4)]);
  });

  test('P-260: may be a scalar', async () => {
    const c = new Constant(2.5, { runtime });
    c.initialize();
    expect([c.shape, await c.data().data()]).toEqual([[], Float32Array.of(2.5)]);
  });

  test('may be empty: its sizes of 0 are real ones', async () => {
    for (const [value, shape] of [
      [[], [0]],
      [
        [[], []],
        [2, 0],
      ],
    ] as const) {
      const c = new Constant(value, { runtime });
      expect(c.shape).toEqual(shape);
      c.initialize({ device: [cpu(0), cpu(1)] });
      expect(await c.data(cpu(1)).array()).toEqual(value);
      expect(c.reduce().shape).toEqual(shape);
      c.cast('float16');
      c.resetDevice(cpu(2));
      c.initialize({ forceReinit: true });
      expect([c.data().dtype, c.data().shape]).toEqual(['float16', shape]);
    }
  });

  test('P-014: prints its shape and dtype', () => {
    expect(String(constant())).toBe('Constant (shape=(2, 2), dtype=float32)');
  });
});
