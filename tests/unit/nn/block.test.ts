import { describe, expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import { InvalidArgumentError } from '../../../core/errors.ts';
import { Uniform } from '../../../core/initializer/random.ts';
import { Block } from '../../../core/nn/block.ts';
import { Dense } from '../../../core/nn/dense.ts';
import { Sequential } from '../../../core/nn/sequential.ts';
import { Constant } from '../../../core/parameter/constant.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import { heard } from './warnings.ts';

const valuesOf = (parameter: Parameter) => parameter.data().data();

function twoLayers(): Sequential {
  return new Sequential(new Dense(3, { inUnits: 2 }), new Dense(2, { inUnits: 3 }));
}

describe('initialize', () => {
  test('P-287 init is for Parameters that have no initializer of their own', async () => {
    const net = twoLayers();
    net.initialize({ init: 'ones' });
    const params = net.collectParams();
    expect(await valuesOf(params.get('0.weight'))).toEqual(new Float32Array(6).fill(1));
    expect(await valuesOf(params.get('0.bias'))).toEqual(new Float32Array(3));
  });

  test('P-287 verbose wants an instance, since a name has no verbosity', () => {
    const net = twoLayers();
    expect(() => net.initialize({ init: 'ones', verbose: true })).toThrow(InvalidArgumentError);
    expect(net.collectParams().get('0.weight').status).toBe('uninitialized');
    let verbose = false;
    class Loud extends Uniform {
      override setVerbosity(value: boolean): this {
        verbose = value;
        return this;
      }
    }
    net.initialize({ init: new Loud(), verbose: true });
    expect(verbose).toBe(true);
  });

  test('B-006 every Parameter has a copy on every device, and initializing again only warns', async () => {
    const net = twoLayers();
    net.initialize({ device: [cpu(0), cpu(1)] });
    for (const parameter of net.collectParams().values()) {
      expect(parameter.listDevice().map(String)).toEqual(['cpu(0)', 'cpu(1)']);
    }
    const weight = net.collectParams().get('0.weight');
    const before = await weight.data(cpu(1)).data();
    const messages = heard(() => net.initialize({ init: 'zeros' }));
    expect(messages).toHaveLength(4);
    expect(messages[0]?.message).toContain('already initialized');
    expect(await weight.data(cpu(1)).data()).toEqual(before);
    expect(heard(() => net.initialize({ init: 'zeros', forceReinit: true }))).toEqual([]);
    expect(await valuesOf(weight)).toEqual(new Float32Array(6));
  });

  test('B-006 a shared Parameter is initialized once, the second visit warns', () => {
    const net = new Sequential(new Dense(2, { inUnits: 2 }), new Dense(2, { inUnits: 2 }));
    const [first, second] = net;
    if (!first || !second) throw new Error('two layers expected');
    second.shareParameters(first.params);
    expect(heard(() => net.initialize())).toHaveLength(2);
  });
});

describe('what all Parameters are told', () => {
  test('P-288 cast reaches children and own Parameters', () => {
    const net = twoLayers();
    Reflect.set(net, 'own', new Parameter('own', { shape: [2] }));
    net.initialize();
    net.cast('float16');
    for (const parameter of net.collectParams().values()) {
      expect(parameter.dtype).toBe('float16');
      expect(parameter.data().dtype).toBe('float16');
    }
  });

  test('P-288 resetDevice moves every Parameter; resetCtx does too and says that it is the old name', async () => {
    const net = twoLayers();
    net.initialize({ init: 'ones' });
    net.resetDevice([cpu(1), cpu(2)]);
    const weight = net.collectParams().get('1.weight');
    expect(weight.listDevice().map(String)).toEqual(['cpu(1)', 'cpu(2)']);
    const messages = heard(() => net.resetCtx(cpu(0)));
    expect(messages[0]).toEqual({
      category: 'DeprecationWarning',
      message: 'Block.resetCtx has been renamed to Block.resetDevice.',
    });
    expect(messages).toHaveLength(1);
    expect(weight.listDevice().map(String)).toEqual(['cpu(0)']);
    expect(await valuesOf(weight)).toEqual(new Float32Array(6).fill(1));
  });

  test('P-029 setattr sets an attribute of every Parameter', () => {
    const net = twoLayers();
    net.initialize();
    net.setattr('gradReq', 'null');
    net.setattr('lrMult', 0.5);
    for (const parameter of net.collectParams().values()) {
      expect(() => parameter.grad()).toThrow(/grad_req='null'/);
      expect(parameter.lrMult).toBe(0.5);
    }
    net.setattr('gradReq', 'write');
    for (const parameter of net.collectParams().values()) expect(parameter.listGrad()).toHaveLength(1);
  });

  test('B-007 zeroGrad clears every gradient buffer in place', async () => {
    const net = twoLayers();
    net.initialize();
    const grads = [...net.collectParams().values()].map((parameter) => parameter.grad());
    for (const grad of grads) grad.runtime.invokeInto('full', [], { attributes: { value: 3 }, targets: [grad] });
    net.zeroGrad();
    for (const grad of grads) expect(await grad.norm()).toBe(0);
  });
});

describe('shareParameters', () => {
  test('P-286 both nets hold the same objects afterwards', () => {
    const teacher = twoLayers();
    const student = twoLayers();
    expect(student.shareParameters(teacher.collectParams())).toBe(student);
    const shared = [...student.collectParams()];
    expect(shared.length).toBe(4);
    for (const [path, parameter] of shared) expect(teacher.collectParams().get(path)).toBe(parameter);
    const [layer] = student;
    expect(layer).toBeInstanceOf(Dense);
    if (layer instanceof Dense) expect(layer.weight).toBe(teacher.collectParams().get('0.weight'));
  });

  test('P-286 only what is named is replaced; names that are not here are a warning', () => {
    const net = twoLayers();
    const before = net.collectParams();
    const weight = new Parameter('mine', { shape: [3, 2] });
    const messages = heard(() => net.shareParameters({ '0.weight': weight, '2.weight': new Parameter() }));
    expect(messages).toEqual([
      { category: 'UserWarning', message: 'Parameter name 2.weight is not in the current model!' },
    ]);
    expect(net.collectParams().get('0.weight')).toBe(weight);
    expect(net.collectParams().get('1.weight')).toBe(before.get('1.weight'));
  });

  test('P-286 null shares nothing; what is no dictionary of Parameters is refused', () => {
    const net = twoLayers();
    const before = [...net.collectParams()];
    expect(net.shareParameters(null)).toBe(net);
    for (const wrong of [[new Parameter()], 'weights', 7, { '0.weight': 7 }, new Map([['0.weight', null]])]) {
      expect(() => net.shareParameters(wrong as never)).toThrow(InvalidArgumentError);
    }
    expect([...net.collectParams()]).toEqual(before);
  });

  test('P-280 P-286 where one Parameter may not take its place, none does', () => {
    const net = new Block();
    Reflect.set(net, 'a', new Parameter());
    Reflect.set(net, 'b', new Constant([1]));
    const before = [...net.params];
    const shared = { a: new Parameter(), b: new Parameter() };
    expect(() => net.shareParameters(shared)).toThrow(/Changing attribute type for b/);
    expect([...net.params]).toEqual(before);
  });
});

test('a Block prints its children as Gluon does', () => {
  const net = new Sequential(new Dense(3, { activation: 'relu' }), new Sequential(new Dense(2, { inUnits: 3 })));
  expect(String(net)).toBe(
    `Sequential(
  (0): Dense(None -> 3, relu)
  (1): Sequential(
    (0): Dense(3 -> 2, linear)
  )
)`,
  );
});
