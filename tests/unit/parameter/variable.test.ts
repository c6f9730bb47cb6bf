import { expect, test } from 'vitest';
import { array } from '../../../core/device/nd.ts';
import { Constant as ConstantInit, Load, Mixed, Xavier } from '../../../core/initializer/index.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import { Symbol as GraphSymbol } from '../../../core/symbol/symbol.ts';
import { openRuntime } from '../device/runtimes.ts';

const runtime = openRuntime();

test('P-152: var() is one Symbol, called by the uuid and the name', () => {
  const p = new Parameter('fc.weight', { runtime });
  expect(p.var()).toBe(p.var());
  expect(p.var().name).toBe(`${p.uuid.replaceAll('-', '_')}_fc.weight`);
});

test('P-153: it carries shape, dtype, multipliers, initializer and storage type as texts', () => {
  const p = new Parameter('w', {
    runtime,
    shape: [2, 0],
    dtype: 'float16',
    lrMult: 2,
    wdMult: 0.5,
    init: 'xavier',
    stype: 'row_sparse',
  });
  expect(p.var().attributes).toEqual({
    __shape__: '(2, -1)',
    __dtype__: '2',
    __lr_mult__: '2.0',
    __wd_mult__: '0.5',
    __init__: 'xavier',
    __storage_type__: '1',
    __profiler_scope__: '<unk>:',
  });
  const q = new Parameter('w', { runtime, init: new Xavier({ magnitude: 2 }) });
  expect(q.var().attributes).not.toHaveProperty('__shape__');
  expect(q.var().attributes).toMatchObject({
    __dtype__: '0',
    __init__: '["xavier", {"rnd_type": "uniform", "factor_type": "avg", "magnitude": 2}]',
    __storage_type__: '0',
  });
  expect(new Parameter('w', { runtime }).var().attributes).not.toHaveProperty('__init__');
});

test('P-153: an initializer without JSON is left out, the rest is there', () => {
  const values = array([1, 2], { runtime });
  for (const init of [new Mixed(['.*'], ['ones']), new Load({ w: values }), new ConstantInit(values)]) {
    const { attributes } = new Parameter('w', { runtime, shape: [2], init }).var();
    expect(attributes).not.toHaveProperty('__init__');
    expect(attributes).toMatchObject({ __shape__: '(2,)', __dtype__: '0' });
  }
});

test('P-154: it stays as it is when shape, initializer or multipliers change', () => {
  const p = new Parameter('w', { runtime, shape: [0] });
  const variable = p.var();
  p.shape = [3];
  p.init = 'ones';
  p.lrMult = 7;
  expect(p.var()).toBe(variable);
  expect(variable.attributes).toMatchObject({ __shape__: '(-1,)', __lr_mult__: '1.0' });
});

test('P-045: a cast makes another one of the same name, with the new dtype', () => {
  const p = new Parameter('w', { runtime, shape: [1] });
  const before = p.var();
  p.initialize({ init: 'zeros' });
  p.cast('int8');
  expect(p.var()).not.toBe(before);
  expect([p.var().name, p.var().attributes.__dtype__]).toEqual([before.name, '5']);
});

test('P-142: data() is no other Parameter in a graph than var() says', () => {
  const p = new Parameter('w', { runtime, shape: [1] });
  p.initialize();
  const variable = p.var();
  p.data();
  expect(p.var()).toBe(variable);
});

test('P-155: there is one kind of Symbol, with the operators of arrays', () => {
  const p = new Parameter('w', { runtime, shape: [2, 3] });
  const product = p.var().mul(2);
  expect(product).toBeInstanceOf(GraphSymbol);
  expect(product.listArguments()).toEqual([p.var().name]);
  expect(product.inferShape().output).toEqual([2, 3]);
});
