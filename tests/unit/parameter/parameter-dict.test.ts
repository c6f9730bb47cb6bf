import { expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import { InvalidArgumentError, NotFoundError, NotInitializedError } from '../../../core/errors.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import { briefNames, ParameterDict, type SettableAttribute } from '../../../core/parameter/parameter-dict.ts';
import { type ParameterWarning, warnings } from '../../../core/warnings.ts';
import { openRuntime } from '../device/runtimes.ts';

const runtime = openRuntime();

function parameter(name: string): Parameter {
  return new Parameter(name, { runtime, shape: [2] });
}

function dict(): ParameterDict {
  return new ParameterDict([
    ['fc.weight', parameter('weight')],
    ['fc.bias', parameter('bias')],
  ]);
}

test('holds Parameters by name, in order', () => {
  const params = dict();
  expect([params.size, [...params.keys()]]).toEqual([2, ['fc.weight', 'fc.bias']]);
  expect([...params].map(([name, p]) => [name, p.name])).toEqual([
    ['fc.weight', 'weight'],
    ['fc.bias', 'bias'],
  ]);
  expect(String(params)).toBe(
    "{'fc.weight': Parameter (shape=(2,), dtype=float32), 'fc.bias': Parameter (shape=(2,), dtype=float32)}",
  );
  expect([params.delete('fc.bias'), params.has('fc.bias')]).toEqual([true, false]);
});

test('a missing name is told with those that there are, and only Parameters may be put in', () => {
  expect(() => dict().get('fc.wieght')).toThrow(NotFoundError);
  expect(() => dict().get('fc.wieght')).toThrow(
    "There is no Parameter 'fc.wieght'. There are: 'fc.weight', 'fc.bias'.",
  );
  expect(() => dict().set('x', {} as Parameter)).toThrow(InvalidArgumentError);
});

test('more than seven names are told in part', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  expect(briefNames(names.slice(0, 7))).toBe("'a', 'b', 'c', 'd', 'e', 'f', 'g'");
  expect(briefNames(names)).toBe("'a', 'b', 'c', ..., 'e', 'f', 'g', 'h'");
});

test('update takes over another dictionary, or nothing where a name stands for another Parameter', () => {
  const params = dict();
  const other = new ParameterDict([
    ['new', parameter('new')],
    ['fc.bias', params.get('fc.bias')],
  ]);
  params.update(other);
  expect([...params.keys()]).toEqual(['fc.weight', 'fc.bias', 'new']);
  const clash = new ParameterDict([
    ['newer', parameter('newer')],
    ['new', parameter('new')],
  ]);
  expect(() => params.update(clash)).toThrow(/different Parameters with the same name 'new'/);
  expect(params.has('newer')).toBe(false);
});

test('P-106: its initializer is the default of those that have none of their own', async () => {
  const params = dict();
  params.get('fc.bias').init = 'zeros';
  params.initialize({ init: 'ones', device: [cpu(0), cpu(1)] });
  expect(await params.get('fc.weight').data(cpu(1)).data()).toEqual(Float32Array.of(1, 1));
  expect(await params.get('fc.bias').data(cpu(1)).data()).toEqual(Float32Array.of(0, 0));
  expect(params.listDevice().map(String)).toEqual(['cpu(0)', 'cpu(1)']);
});

test('a Parameter under two names warns at the second', () => {
  const heard: ParameterWarning[] = [];
  const stop = warnings.subscribe((warning) => heard.push(warning));
  const shared = parameter('shared');
  new ParameterDict([
    ['a', shared],
    ['b', shared],
  ]).initialize();
  stop();
  expect(heard.map(({ message }) => message)).toEqual([expect.stringContaining('is already initialized, ignoring')]);
});

test('P-151: zeroGrad clears every buffer and passes over those without gradients', async () => {
  const params = dict();
  params.get('fc.bias').gradReq = 'null';
  params.initialize({ init: 'ones' });
  const weight = params.get('fc.weight');
  runtime.assign(weight.grad(), weight.data());
  params.zeroGrad();
  expect(await weight.grad().norm()).toBe(0);
  expect(params.get('fc.bias').gradients()).toEqual([]);
});

test('P-029: setattr sets an attribute of every Parameter', () => {
  const params = dict();
  params.initialize();
  params.setattr('gradReq', 'null');
  params.setattr('lrMult', 0.5);
  for (const p of params.values()) expect(p).toMatchObject({ gradReq: 'null', lrMult: 0.5 });
  expect(() => params.setattr('uuid' as SettableAttribute, 1)).toThrow(InvalidArgumentError);
});

test('cast and resetDevice go through all', () => {
  const params = dict();
  expect(() => params.listDevice()).toThrow(NotInitializedError);
  params.initialize();
  params.cast('float16');
  params.resetDevice(cpu(2));
  for (const p of params.values()) expect([p.data().dtype, String(p.data().device)]).toEqual(['float16', 'cpu(2)']);
});
