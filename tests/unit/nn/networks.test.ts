import { describe, expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import type { NDArray } from '../../../core/device/nd-array.ts';
import { sharedRuntime } from '../../../core/device/shared-runtime.ts';
import {
  DeferredInitializationError,
  DeviceMismatchError,
  InvalidArgumentError,
  InvalidStateError,
  NotInitializedError,
  ShapeMismatchError,
} from '../../../core/errors.ts';
import { BatchNorm } from '../../../core/nn/batch-norm.ts';
import { Conv2D } from '../../../core/nn/conv2d.ts';
import { Dense } from '../../../core/nn/dense.ts';
import { Dropout } from '../../../core/nn/dropout.ts';
import { Flatten } from '../../../core/nn/flatten.ts';
import { Layer } from '../../../core/nn/layer.ts';
import { LayerNorm } from '../../../core/nn/layer-norm.ts';
import { L2Loss } from '../../../core/nn/loss.ts';
import { Sequential } from '../../../core/nn/sequential.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import { record, trainMode } from '../../../core/symbol/autograd.ts';
import { tidy } from '../../../core/symbol/tidy.ts';
import { float32Source } from '../parameter/sources.ts';
import { arrayOf, checkGradients, expectClose, numbersOf, someValues } from './gradient-check.ts';

function setTo(parameter: Parameter, values: readonly number[]): void {
  parameter.setData(arrayOf(values, parameter.shape ?? []));
}

describe('Sequential', () => {
  test('is one Block after the other', async () => {
    const net = new Sequential(new Dense(4, { activation: 'relu' }), new Flatten()).add(new Dense(2));
    net.initialize();
    const x = arrayOf(someValues(6), [2, 3]);
    const y = net.forward(x);
    const [first, last] = [net.at(0), net.at(-1)];
    expectClose(await numbersOf(y), await numbersOf(last.forward(first.forward(x))));
    expect([...net.children.keys()]).toEqual(['0', '1', '2']);
    expect(net.length).toBe(3);
    expect([...net].at(2)).toBe(last);
    expect(() => net.at(3)).toThrow(InvalidArgumentError);
  });

  test('its gradients agree with differences', async () => {
    const net = new Sequential(new Dense(3, { activation: 'tanh' }), new Dense(2));
    net.initialize({ init: 'xavier' });
    await checkGradients({ block: net, inputs: [arrayOf(someValues(6), [2, 3])], differentiable: [0] });
  });

  test('without Blocks it is the identity', () => {
    const x = arrayOf([1]);
    expect(new Sequential().forward(x)).toBe(x);
  });
});

describe('deferred initialization', () => {
  test('P-123 the first forward tells unknown sizes and finishes initialization', async () => {
    const net = new Sequential(new Conv2D(3, 2), new Dense(4), new Dense(2));
    net.initialize({ init: 'ones' });
    const deferred = net.collectParams();
    expect([...deferred.values()].map(({ status }) => status)).toEqual([
      'deferred', // nothing is known of the input's channels
      'initialized',
      'deferred',
      'initialized',
      'deferred',
      'initialized',
    ]);
    expect(() => deferred.get('0.weight').data()).toThrow(DeferredInitializationError);
    net.forward(arrayOf(someValues(2 * 2 * 3 * 3), [2, 2, 3, 3]));
    expect(net.collectParams().get('0.weight').shape).toEqual([3, 2, 2, 2]);
    expect(net.collectParams().get('1.weight').shape).toEqual([4, 12]);
    expect(net.collectParams().get('2.weight').shape).toEqual([2, 4]);
    for (const parameter of net.collectParams().values()) expect(parameter.status).toBe('initialized');
    expect(await numbersOf(net.collectParams().get('2.weight').data())).toEqual(new Array(8).fill(1));
  });

  test('P-123 an input that does not fit leaves the Parameters deferred', () => {
    const layer = new Conv2D(4, 3, { groups: 2 });
    layer.initialize();
    expect(() => layer.forward(arrayOf(someValues(27), [1, 3, 3, 3]))).toThrow(ShapeMismatchError);
    expect(layer.weight.status).toBe('deferred');
    expect(layer.weight.shape).toEqual([4, -1, 3, 3]);
  });

  test('P-123 a layer that cannot tell unknown sizes says so', () => {
    class Scale extends Layer {
      readonly factor = new Parameter('factor', { shape: [-1], allowDeferredInit: true });
      protected override compute(x: NDArray): NDArray {
        return x.mul(this.factor.data());
      }
    }
    const layer = new Scale();
    layer.initialize();
    expect(() => layer.forward(arrayOf([1, 2]))).toThrow(InvalidStateError);
    expect(() => layer.forward(arrayOf([1, 2]))).toThrow(/Scale has parameters with unknown shape/);
    layer.factor.shape = [2];
    expect(layer.forward(arrayOf([1, 2])).shape).toEqual([2]);
  });

  test('a layer that was not initialized says which Parameter has no data', () => {
    expect(() => new Dense(2).forward(arrayOf([1, 2], [1, 2]))).toThrow(NotInitializedError);
    expect(() => new Dense(2).forward(arrayOf([1, 2], [1, 2]))).toThrow(/Parameter 'weight'/);
  });

  test('a Parameter whose value is in a file takes part once it was read', async () => {
    const layer = new Dense(2, { inUnits: 2, useBias: false });
    const source = float32Source([2, 2], [1, 2, 3, 4]);
    layer.shareParameters({ weight: Parameter.fromSource('model.weight', source, { gradReq: 'write' }) });
    const x = arrayOf([1, 1], [1, 2]);
    expect(() => layer.forward(x)).toThrow(DeferredInitializationError);
    expect(() => layer.forward(x)).toThrow(/model\.weight/);
    await layer.weight.finishDeferredInit();
    const y = record(() => layer.forward(x));
    expect(await numbersOf(y)).toEqual([3, 7]);
    await y.backward();
    expect(await numbersOf(layer.weight.grad())).toEqual([1, 1, 1, 1]);
  });

  test('loading fills unknown sizes too', async () => {
    const layer = new Dense(2);
    layer.initialize();
    await layer.loadDict({ weight: arrayOf([1, 2, 3, 4], [2, 2]), bias: arrayOf([5, 6]) });
    expect(await numbersOf(layer.forward(arrayOf([1, 1], [1, 2])))).toEqual([8, 13]);
  });
});

test('a net that was cast computes in its new dtype', async () => {
  const net = new Sequential(new Dense(2, { inUnits: 2 }), new BatchNorm({ inChannels: 2 }), new LayerNorm());
  net.initialize();
  net.forward(arrayOf([1, 2], [1, 2]));
  setTo(net.collectParams().get('0.weight'), [1, 2, 3, 4]);
  net.cast('bfloat16');
  const y = net.forward(arrayOf([1, 2], [1, 2]).asType('bfloat16'));
  expect(y.dtype).toBe('bfloat16');
  expectClose((await numbersOf(y)).map(Math.abs), [1, 1], 0.01);
});

describe('devices', () => {
  test('forward runs on the device of its input, with the copies that are there', async () => {
    const net = new Sequential(new Dense(2, { inUnits: 2, useBias: false }));
    net.initialize({ init: 'ones', device: [cpu(0), cpu(1)] });
    const weight = net.collectParams().get('0.weight');
    weight.data(cpu(1)).runtime.zero(weight.data(cpu(1)));
    const here = net.forward(arrayOf([1, 2], [1, 2]));
    const there = net.forward(arrayOf([1, 2], [1, 2]).copyTo(cpu(1)));
    expect([here.device, there.device].map(String)).toEqual(['cpu(0)', 'cpu(1)']);
    expect([await numbersOf(here), await numbersOf(there)]).toEqual([
      [3, 3],
      [0, 0],
    ]);
    const nowhere = arrayOf([1, 2], [1, 2]).copyTo(cpu(2));
    expect(() => net.forward(nowhere)).toThrow(DeviceMismatchError);
  });

  test('P-276 the gradients of each device go to its own buffers', async () => {
    const layer = new Dense(1, { inUnits: 2, useBias: false });
    layer.initialize({ device: [cpu(0), cpu(1)] });
    const inputs = [arrayOf([1, 2], [1, 2]), arrayOf([30, 40], [1, 2]).copyTo(cpu(1))];
    const outputs = record(() => inputs.map((x) => layer.forward(x)));
    for (const output of outputs) await output.backward();
    expect(await numbersOf(layer.weight.grad(cpu(0)))).toEqual([1, 2]);
    expect(await numbersOf(layer.weight.grad(cpu(1)))).toEqual([30, 40]);
  });
});

describe('memory', () => {
  function mixed(): Sequential {
    const half = new Sequential(new Dense(8, { activation: 'tanh' }), new BatchNorm(), new Dropout(0.5), new Dense(2));
    half.initialize();
    return half;
  }

  async function arraysLeftBy(act: () => Promise<void>): Promise<number> {
    await act();
    const before = await sharedRuntime().census();
    for (let i = 0; i < 3; i++) await act();
    return (await sharedRuntime().census()).arrays - before.arrays;
  }

  test('forward leaves nothing behind on the device but its output', async () => {
    const net = mixed();
    const x = arrayOf(someValues(6), [2, 3]);
    expect(await arraysLeftBy(async () => trainMode(() => net.forward(x)).dispose())).toBe(0);
  });

  test('neither does a step of training, once its loss is dropped', async () => {
    const net = mixed();
    const x = arrayOf(someValues(6), [2, 3]);
    const label = arrayOf(someValues(4), [2, 2]);
    const loss = new L2Loss();
    const step = async () => {
      const result = record(() => tidy(() => loss.forward(net.forward(x), label)));
      await result.backward();
      result.dispose();
    };
    expect(await arraysLeftBy(step)).toBe(0);
  });

  test('nor does half precision', async () => {
    const layer = new BatchNorm({ inChannels: 3 });
    layer.initialize();
    const x = arrayOf(someValues(6), [2, 3]).asType('float16');
    expect(await arraysLeftBy(async () => trainMode(() => layer.forward(x)).dispose())).toBe(0);
  });
});
