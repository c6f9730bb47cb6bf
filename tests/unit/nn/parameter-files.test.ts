import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import '../../../core/checkpoint/array-files.ts';
import { cpu, withDevice } from '../../../core/device/device.ts';
import { load, save } from '../../../core/device/nd-files.ts';
import { sharedRuntime } from '../../../core/device/shared-runtime.ts';
import {
  DeviceMismatchError,
  DTypeMismatchError,
  FileAccessError,
  InvalidArgumentError,
  NotInitializedError,
  ShapeMismatchError,
} from '../../../core/errors.ts';
import type { Block } from '../../../core/nn/block.ts';
import { Dense } from '../../../core/nn/dense.ts';
import { Sequential } from '../../../core/nn/sequential.ts';
import { Constant } from '../../../core/parameter/constant.ts';
import { briefNames } from '../../../core/parameter/parameter-dict.ts';

let folder = '';
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parascope-nn-'));
});
afterAll(() => rm(folder, { recursive: true }));

const newPath = (ending: string) => join(folder, `${++files}${ending}`);

function twoLayers(): Sequential {
  return new Sequential(new Dense(3, { inUnits: 2 }), new Dense(2, { inUnits: 3 }));
}

function initialized(device = [cpu(0)]): Sequential {
  const net = twoLayers();
  net.initialize({ device });
  return net;
}

async function valuesOf(net: Block): Promise<Record<string, number[]>> {
  const entries = [...net.collectParams()].map(async ([path, parameter]) => {
    const data = await parameter.data(parameter.listDevice()[0]).data();
    return [path, Array.from(data, Number)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function float32(values: readonly number[], shape = [values.length]) {
  const bytes = new Uint8Array(Float32Array.from(values).buffer);
  return sharedRuntime().fromBytes({ shape, dtype: 'float32', bytes });
}

describe.each(['.params', '.npz', '.safetensors'])('%s', (ending) => {
  test('P-282 what was saved under its path loads into a net of the same structure', async () => {
    const net = initialized();
    const path = newPath(ending);
    await net.saveParameters(path);
    expect(Object.keys(await load(path)).sort()).toEqual(['0.bias', '0.weight', '1.bias', '1.weight']);
    const other = twoLayers();
    await other.loadParameters(path);
    expect(await valuesOf(other)).toEqual(await valuesOf(net));
  });

  test('P-282 the mean over devices is saved', async () => {
    const net = new Dense(1, { inUnits: 2, useBias: false });
    net.initialize({ device: [cpu(0), cpu(1)], init: 'zeros' });
    net.weight.data(cpu(1)).runtime.assign(net.weight.data(cpu(1)), float32([2, 5], [1, 2]).copyTo(cpu(1)));
    const path = newPath(ending);
    await net.saveParameters(path);
    const other = new Dense(1, { inUnits: 2, useBias: false });
    await other.loadParameters(path);
    expect(await valuesOf(other)).toEqual({ weight: [1, 2.5] });
  });

  test('P-282 deduplicate keeps the last path of a shared Parameter, and its other paths load from it', async () => {
    const net = new Sequential(new Dense(2, { inUnits: 2 }), new Dense(2, { inUnits: 2 }));
    net.at(1).shareParameters(net.at(0).params);
    net.initialize({ init: 'ones' });
    const path = newPath(ending);
    await net.saveParameters(path, { deduplicate: true });
    expect(Object.keys(await load(path)).sort()).toEqual(['1.bias', '1.weight']);
    net.initialize({ init: 'zeros', forceReinit: true });
    await net.loadParameters(path);
    expect((await valuesOf(net))['0.weight']).toEqual([1, 1, 1, 1]);
    await expect(twoLayers().loadParameters(path)).rejects.toThrow(/is missing in/);
  });
});

test('P-282 what the net holds when it is saved is saved, whatever happens to it meanwhile', async () => {
  const net = initialized();
  const before = await valuesOf(net);
  const path = newPath('.npz');
  const saving = net.saveParameters(path);
  net.initialize({ init: 'zeros', forceReinit: true });
  await saving;
  await net.loadParameters(path);
  expect(await valuesOf(net)).toEqual(before);
});

test('B-008 a Parameter without data cannot be saved', async () => {
  await expect(twoLayers().saveParameters(newPath('.npz'))).rejects.toThrow(NotInitializedError);
});

test('P-258 a Constant is saved and loaded like any Parameter', async () => {
  const net = new Sequential(new Dense(1, { inUnits: 1 }));
  Reflect.set(net, 'factor', new Constant([2, 3]));
  net.initialize();
  const path = newPath('.params');
  await net.saveParameters(path);
  net.params.get('factor').setData(float32([5, 5]));
  await net.loadParameters(path);
  expect((await valuesOf(net)).factor).toEqual([2, 3]);
});

test('an ending that names no format is refused', async () => {
  await expect(initialized().saveParameters(newPath('.weights'))).rejects.toThrow(InvalidArgumentError);
});

describe('names', () => {
  test('P-283 a missing Parameter is an error unless it is allowed', async () => {
    const net = initialized();
    const before = await valuesOf(net);
    const path = newPath('.npz');
    await save(path, { '0.weight': float32([1, 2, 3, 4, 5, 6], [3, 2]) });
    await expect(net.loadParameters(path)).rejects.toThrow(InvalidArgumentError);
    await expect(net.loadParameters(path)).rejects.toThrow(
      `Parameter '0.bias' is missing in 'file: ${path}', which contains parameters: '0.weight'.`,
    );
    expect(await valuesOf(net)).toEqual(before);
    await net.loadParameters(path, { allowMissing: true });
    expect(await valuesOf(net)).toEqual({ ...before, '0.weight': [1, 2, 3, 4, 5, 6] });
  });

  test('P-283 an extra name is an error unless it is ignored, and nothing is loaded', async () => {
    const source = initialized();
    const arrays = Object.fromEntries([...source.collectParams()].map(([path, p]) => [path, p.data()]));
    const net = initialized();
    const before = await valuesOf(net);
    const extra = { ...arrays, head: float32([1]) };
    await expect(net.loadDict(extra)).rejects.toThrow(InvalidArgumentError);
    await expect(net.loadDict(extra)).rejects.toThrow(
      "Parameter 'head' loaded from 'param_dict' is not present in Dict, which contains parameters '0.weight', '0.bias', '1.weight', '1.bias'.",
    );
    expect(await valuesOf(net)).toEqual(before);
    await net.loadDict(extra, { ignoreExtra: true });
    expect(await valuesOf(net)).toEqual(await valuesOf(source));
  });

  test("B-010 the prefixes of MXNet's Module are passed over", async () => {
    const net = new Dense(1, { inUnits: 2 });
    const path = newPath('.params');
    await save(path, { 'arg:weight': float32([1, 2], [1, 2]), 'aux:bias': float32([3]) });
    await net.loadParameters(path);
    expect(await valuesOf(net)).toEqual({ weight: [1, 2], bias: [3] });
  });

  test('P-285 a file without arrays loads nothing and says nothing', async () => {
    const net = initialized();
    const before = await valuesOf(net);
    const path = newPath('.npz');
    await save(path, {});
    await net.loadParameters(path);
    expect(await valuesOf(net)).toEqual(before);
  });

  test('a list of arrays without names is refused', async () => {
    const path = newPath('.params');
    await save(path, [float32([1])]);
    await expect(initialized().loadParameters(path)).rejects.toThrow(InvalidArgumentError);
  });

  test('B-011 long lists of names are cut', () => {
    const names = Array.from({ length: 8 }, (_, i) => `p${i}`);
    expect(briefNames(names.slice(0, 7))).toBe("'p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6'");
    expect(briefNames(names)).toBe("'p0', 'p1', 'p2', ..., 'p4', 'p5', 'p6', 'p7'");
  });
});

describe('devices', () => {
  test('P-284 a net on several devices loads without naming them', async () => {
    const path = newPath('.params');
    const source = initialized();
    await source.saveParameters(path);
    const net = initialized([cpu(1), cpu(2)]);
    await net.loadParameters(path);
    for (const [name, parameter] of net.collectParams()) {
      expect(parameter.listDevice().map(String)).toEqual(['cpu(1)', 'cpu(2)']);
      const expected = await source.collectParams().get(name).data().data();
      for (const copy of parameter.listData()) expect(await copy.data()).toEqual(expected);
    }
  });

  test('P-284 a net that is nowhere yet goes to the current device, or to those that are named', async () => {
    const path = newPath('.params');
    await initialized().saveParameters(path);
    const here = twoLayers();
    await withDevice(cpu(3), () => here.loadParameters(path));
    expect(here.collectParams().get('0.bias').listDevice().map(String)).toEqual(['cpu(3)']);
    const there = twoLayers();
    await there.loadParameters(path, { device: [cpu(0), cpu(1)] });
    expect(there.collectParams().get('0.bias').listDevice().map(String)).toEqual(['cpu(0)', 'cpu(1)']);
    await expect(there.loadParameters(path, { device: cpu(2) })).rejects.toThrow(DeviceMismatchError);
  });
});

describe('values', () => {
  test('unknown sizes are filled from the file', async () => {
    const path = newPath('.params');
    await initialized().saveParameters(path);
    const net = new Sequential(new Dense(3), new Dense(2));
    await net.loadParameters(path);
    expect(net.collectParams().get('0.weight').shape).toEqual([3, 2]);
  });

  test('another shape is refused', async () => {
    const net = new Dense(1, { inUnits: 2, useBias: false });
    const outer = new Sequential(net);
    await expect(outer.loadDict({ '0.weight': float32([1, 2, 3], [1, 3]) })).rejects.toThrow(ShapeMismatchError);
    await expect(outer.loadDict({ '0.weight': float32([1, 2, 3], [1, 3]) })).rejects.toThrow(
      "'0.weight' was not loaded",
    );
  });

  test('another dtype is refused, or cast to either side', async () => {
    const half = new Dense(1, { inUnits: 2, useBias: false, dtype: 'float16' });
    const arrays = { weight: float32([1, 2], [1, 2]) };
    await expect(half.loadDict(arrays)).rejects.toThrow(DTypeMismatchError);
    await half.loadDict(arrays, { castDtype: true });
    expect(half.weight.data().dtype).toBe('float16');
    await half.loadDict(arrays, { castDtype: true, dtypeSource: 'saved' });
    expect(half.weight.dtype).toBe('float32');
    expect(await valuesOf(half)).toEqual({ weight: [1, 2] });
  });

  test('a file that is not there is one clear error', async () => {
    await expect(initialized().loadParameters(join(folder, 'nowhere.params'))).rejects.toThrow(FileAccessError);
  });

  test('a file that holds no arrays is refused', async () => {
    const path = newPath('.params');
    await writeFile(path, 'no arrays at all');
    await expect(initialized().loadParameters(path)).rejects.toThrow(/no arrays|no file of arrays/);
  });
});
