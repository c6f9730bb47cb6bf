import { expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import { array, zeros } from '../../../core/device/nd.ts';
import {
  DeviceMismatchError,
  DTypeMismatchError,
  InvalidArgumentError,
  InvalidStateError,
  ShapeMismatchError,
} from '../../../core/errors.ts';
import { symbol } from '../../../core/symbol/symbol.ts';
import { openRuntime } from '../device/runtimes.ts';
import { numbersOf } from './arrays.ts';

const runtime = openRuntime();

function denseNet(): ReturnType<typeof symbol.var> {
  const [x, w, b] = ['x', 'w', 'b'].map((name) => symbol.var(name));
  const hidden = symbol.operator('fully_connected', [x!, w!, b!], { numHidden: 4, name: 'fc' });
  return hidden.relu().sum();
}

test("P-153: a variable has MXNet's attributes as texts, shape and init only where there is one", () => {
  const full = symbol.var('w', {
    shape: [3, -1],
    dtype: 'float16',
    lrMult: 1,
    wdMult: 0.5,
    init: '["zero", {}]',
    stype: 'row_sparse',
  });
  expect(full.attributes).toEqual({
    __shape__: '(3, -1)',
    __dtype__: '2',
    __lr_mult__: '1.0',
    __wd_mult__: '0.5',
    __init__: '["zero", {}]',
    __storage_type__: '1',
    __profiler_scope__: '<unk>:',
  });
  expect(Object.keys(symbol.var('bare').attributes)).toEqual(['__profiler_scope__']);
  expect(() => symbol.var('')).toThrow(InvalidArgumentError);
});

test('arguments are listed once each, in the order in which they are needed', () => {
  const [a, b] = [symbol.var('a'), symbol.var('b')];
  expect(b.add(a).mul(b).listArguments()).toEqual(['b', 'a']);
  expect(denseNet().listArguments()).toEqual(['x', 'w', 'b']);
});

test('two variables with one name are refused', () => {
  const sum = symbol.var('x').add(symbol.var('x'));
  expect(() => sum.listArguments()).toThrow("Two variables are called 'x'");
});

test('shapes follow from data to weight and bias, and from weight to data', () => {
  expect(denseNet().inferShape({ x: [2, 3] })).toEqual({ arguments: { x: [2, 3], w: [4, 3], b: [4] }, output: [] });
  expect(denseNet().inferShape({ x: [-1, -1], w: [4, 7] }).arguments).toEqual({ x: [-1, 7], w: [4, 7], b: [4] });
  expect(denseNet().inferShape().arguments).toEqual({ x: null, w: [4, -1], b: [4] });
});

test("shapes follow through convolution, norm and embedding, with the variables' own", () => {
  const [x, w, gamma, beta, mean, variance] = ['x', 'w', 'gamma', 'beta', 'mean', 'variance'].map((n) => symbol.var(n));
  const image = symbol.operator('convolution', [x!, w!], { kernel: [3, 3], numFilter: 8, pad: [1, 1], numGroup: 2 });
  const normal = symbol.operator('batch_norm', [image, gamma!, beta!, mean!, variance!]);
  expect(normal.inferShape({ x: [1, 4, 5, 6] })).toEqual({
    arguments: { x: [1, 4, 5, 6], w: [8, 2, 3, 3], gamma: [8], beta: [8], mean: [8], variance: [8] },
    output: [1, 8, 5, 6],
  });
  const table = symbol.var('table', { shape: [10, -1] });
  const rows = symbol.operator('embedding', [symbol.var('ids'), table], { outputDim: 3 });
  expect(rows.inferShape({ ids: [2, 2] })).toMatchObject({ arguments: { table: [10, 3] }, output: [2, 2, 3] });
});

test('shapes that contradict each other are refused with the operator and all of them', () => {
  const infer = () => denseNet().inferShape({ x: [2, 3], w: [4, 5] });
  expect(infer).toThrow(ShapeMismatchError);
  expect(infer).toThrow('fully_connected of shapes (2, 3), (4, 5), None: sizes 5 and 3 differ.');
  expect(() => denseNet().inferShape({ y: [1] })).toThrow("no argument 'y'");
});

test('dtypes follow in both directions and from attributes', () => {
  const half = symbol.var('x', { dtype: 'float16' });
  const sum = half.add(symbol.var('y'));
  expect(sum.inferDType()).toEqual({ arguments: { x: 'float16', y: 'float16' }, output: 'float16' });
  expect(sum.greater(0).inferDType().output).toBe('bool');
  expect(() => sum.inferDType({ y: 'float32' })).toThrow(DTypeMismatchError);
});

test('JSON brings back the same graph, attributes that JSON lacks included', () => {
  const x = symbol.var('x', { shape: [2, -1], dtype: 'int64' });
  const net = x
    .mul(2n ** 60n)
    .clip(Number.NEGATIVE_INFINITY, 3)
    .concat([x], 1)
    .sum({ axis: [0, 1] });
  const json: unknown = JSON.parse(JSON.stringify(net));
  const back = symbol.fromJSON(json);
  expect(back.toJSON()).toEqual(net.toJSON());
  expect(back.listArguments()).toEqual(['x']);
  expect(back.name).toBe(net.name);
});

test.each([
  ['no object', 7],
  ['another version', { version: 2, nodes: [{ kind: 'variable', name: 'x', attributes: {} }] }],
  ['no nodes', { version: 1, nodes: [] }],
  [
    'a node that comes later',
    { version: 1, nodes: [{ kind: 'operator', name: 'a', operator: 'neg', inputs: [0], attributes: {} }] },
  ],
  [
    'an unknown operator',
    {
      version: 1,
      nodes: [
        { kind: 'variable', name: 'x', attributes: {} },
        { kind: 'operator', name: 'a', operator: 'constructor', inputs: [0], attributes: {} },
      ],
    },
  ],
])('JSON with %s is refused', (_what, json) => {
  expect(() => symbol.fromJSON(json)).toThrow(InvalidArgumentError);
});

test('a bound symbol computes, and writes gradients by req', async () => {
  const net = symbol.var('x').mul(symbol.var('w')).sum();
  const args = { x: array([1, 2], { runtime }), w: array([3, 4], { runtime }) };
  const gradArgs = { x: zeros([2], { runtime }), w: zeros([2], { runtime }) };
  const executor = net.bind(cpu(), args, { gradArgs, gradReq: { x: 'write', w: 'add' } });
  for (let i = 0; i < 2; i++) {
    expect(await executor.forward({ isTrain: true }).item()).toBe(11);
    executor.backward();
  }
  expect(await numbersOf(gradArgs.x)).toEqual([3, 4]);
  expect(await numbersOf(gradArgs.w)).toEqual([2, 4]);
  expect(args.x.grad).toBeNull();
  args.w.set(1);
  expect(await executor.forward().item()).toBe(3);
  expect(() => executor.backward()).toThrow(InvalidStateError);
});

test('binding refuses missing arguments, other devices and shapes that do not fit', () => {
  const net = symbol.var('x').add(symbol.var('y'));
  const x = array([1, 2], { runtime });
  expect(() => net.bind(cpu(), { x })).toThrow("argument 'y' is missing");
  expect(() => net.bind(cpu(), { x, y: x, z: x })).toThrow("no argument 'z'");
  expect(() => net.bind(cpu(1), { x, y: x })).toThrow(DeviceMismatchError);
  expect(() => net.bind(cpu(), { x, y: array([1, 2, 3], { runtime }) })).toThrow(ShapeMismatchError);
  expect(() => net.bind(cpu(), { x, y: x.asType('float64') })).toThrow(DTypeMismatchError);
});

test('a symbol as deep as a long training script does not exhaust the stack', () => {
  let net = symbol.var('x');
  for (let i = 0; i < 20_000; i++) net = net.neg();
  expect(net.inferShape({ x: [2] }).output).toEqual([2]);
});
