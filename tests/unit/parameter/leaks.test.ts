import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import type { DeviceRuntime } from '../../../core/device/runtime.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import { record } from '../../../core/symbol/autograd.ts';
import { openRuntime } from '../device/runtimes.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Finalizers run in turns of their own, and free arrays whose own owners are collected later. */
async function collectUntilEmpty(runtime: DeviceRuntime): Promise<void> {
  for (let i = 0; i < 200 && runtime.heldBytes() > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    collect();
  }
}

/** A function of its own: an async one keeps what its variables last held. */
function dropOne(runtime: DeviceRuntime, i: number, use: (p: Parameter, i: number) => unknown): void {
  use(new Parameter('w', { runtime, shape: [2, 2], gradReq: i % 2 === 0 ? 'write' : 'add' }), i);
}

/** Runs `use` with `count` Parameters that nobody holds afterwards; the device must be as it was before. */
async function expectNothingLeft(count: number, use: (p: Parameter, i: number) => unknown): Promise<void> {
  const runtime = openRuntime();
  const before = await runtime.census();
  for (let i = 0; i < count; i++) {
    dropOne(runtime, i, use);
    // A program too comes to rest now and then.
    if (i % 1000 === 999) await runtime.waitAll();
  }
  await runtime.waitAll();
  await collectUntilEmpty(runtime);
  expect(runtime.heldBytes()).toBe(0);
  expect(await runtime.census()).toEqual(before);
}

test('10,000 Parameters that were dropped, their copies and gradients seen, leave nothing on the device', async () => {
  await expectNothingLeft(10_000, (p, i) => {
    p.initialize({ device: i % 2 === 0 ? cpu(0) : [cpu(0), cpu(1)] });
    expect(p.listData()).toHaveLength(p.listGrad().length);
  });
}, 120_000);

test('Parameters that were cast, set, reduced, zeroed and moved leave nothing on the device', async () => {
  await expectNothingLeft(2000, (p, i) => {
    p.initialize({ init: 'ones', device: [cpu(0), cpu(1)] });
    p.setData(p.data(cpu(1)));
    p.cast(i % 2 === 0 ? 'float16' : 'float64');
    p.reduce();
    p.zeroGrad();
    p.resetDevice(cpu(2));
    if (i % 3 === 0) p.gradReq = 'null';
    if (i % 5 === 0) p.initialize({ init: 'zeros', forceReinit: true });
  });
}, 120_000);

test('forward and backward passes leave nothing on the device, finished or not', async () => {
  await expectNothingLeft(1000, (p, i) => {
    p.initialize({ init: 'normal', device: cpu() });
    const loss = record(() => p.data().mul(p.data()).sum());
    if (i % 3 === 0) return;
    const passes = [loss.backward(), i % 3 === 1 ? record(() => p.data().exp().sum()).backward() : undefined];
    expect(passes).toHaveLength(2);
  });
}, 120_000);

test('calls that fail leave nothing on the device', async () => {
  await expectNothingLeft(500, (p, i) => {
    expect(() => p.initialize({ init: 'bilinear', device: [cpu(0), cpu(1)] })).toThrow();
    if (i % 2 === 0) return;
    p.initialize({ device: cpu() });
    expect(() => p.setData([1, 2, 3])).toThrow();
    expect(() => p.cast('f6_e2m3')).toThrow();
  });
}, 120_000);
