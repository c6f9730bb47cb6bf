import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { cpu, gpu } from '../../../core/device/device.ts';
import type { NDArray } from '../../../core/device/nd-array.ts';
import type { DeviceRuntime } from '../../../core/device/runtime.ts';
import { DeviceLostError } from '../../../core/errors.ts';
import { doubleRuntime } from './gpu-double.ts';

const LARGE = 6 * 2 ** 20;

const run = promisify(execFile);
const built = (path: string) => JSON.stringify(fileURLToPath(new URL(`../../../dist/core/${path}`, import.meta.url)));
const double = JSON.stringify(fileURLToPath(new URL('./gpu-double.process.mjs', import.meta.url)));

function ones(runtime: DeviceRuntime, size: number, device = gpu(0)): NDArray {
  const [array] = runtime.invoke('full', [], {
    attributes: { value: 1 },
    outputs: [{ shape: [size], dtype: 'float32', device }],
  });
  if (!array) throw new Error('no array');
  return array;
}

describe('the process of the GPUs ends', () => {
  test('while idle: its arrays are lost, those of the cpu are not, and the next use starts another', async () => {
    const lost: string[] = [];
    const { runtime, processes, kill } = doubleRuntime({ onLost: (devices) => lost.push(...devices.map(String)) });
    const [there, here] = [ones(runtime, 4), ones(runtime, 4, cpu())];
    await runtime.waitAll();
    await kill();
    expect([there.lost, here.lost, lost]).toEqual([true, false, ['gpu(0)']]);
    await expect(there.data()).rejects.toThrow(DeviceLostError);
    await expect(there.data()).rejects.toThrow('SIGKILL');
    expect(() => there.copyTo(cpu())).toThrow(DeviceLostError);
    expect([runtime.heldBytes(gpu(0)), runtime.heldBytes(cpu())]).toEqual([0, 16]);
    const again = here.copyTo(gpu(0));
    expect(await again.norm()).toBe(2);
    expect(processes).toHaveLength(2);
    there.dispose();
    expect(runtime.heldBytes(gpu(0))).toBe(16);
  });

  test('in the middle of an upload: whoever waits is told, with the last words of the driver', async () => {
    const { runtime } = doubleRuntime({ behaviour: 'crash' });
    const array = runtime.zeros({ shape: [LARGE], dtype: 'float32', device: gpu(0) });
    runtime.upload(array, { dtype: 'float32', offset: 0, bytes: new Uint8Array(4 * LARGE) });
    await expect(runtime.sync([array])).rejects.toThrow(DeviceLostError);
    await expect(array.norm()).rejects.toThrow('exited with code 7: the driver gave up');
  });

  test('in the middle of a read', async () => {
    const { runtime, kill } = doubleRuntime();
    const array = ones(runtime, LARGE);
    await runtime.waitAll();
    const [fate] = await Promise.all([array.bytes().catch((error: unknown) => error), kill()]);
    expect(fate).toBeInstanceOf(DeviceLostError);
  });

  test('while it sends: the copy that waits for it is spoiled, its device is not', async () => {
    const { runtime, kill } = doubleRuntime();
    const there = ones(runtime, LARGE);
    await runtime.waitAll();
    const here = there.copyTo(cpu());
    await kill();
    expect(here.lost).toBe(false);
    await expect(here.norm()).rejects.toThrow(DeviceLostError);
    expect(await ones(runtime, 9, cpu()).norm()).toBe(3);
  });

  test('while it receives: the sender goes on', async () => {
    const { runtime, kill } = doubleRuntime();
    await ones(runtime, 1).data();
    const here = ones(runtime, LARGE, cpu());
    const there = here.copyTo(gpu(0));
    await kill();
    expect(there.lost).toBe(true);
    expect(await here.norm()).toBe(Math.sqrt(LARGE));
    expect(await here.copyTo(gpu(1)).norm()).toBe(Math.sqrt(LARGE));
  });
});

test('a device that is lost takes its own arrays along and nothing else, and is made anew', async () => {
  const lost: string[] = [];
  const { runtime, processes } = doubleRuntime({
    behaviour: 'lose',
    onLost: (devices) => lost.push(...devices.map(String)),
  });
  const [kept, gone] = [ones(runtime, 4, gpu(0)), ones(runtime, 4, gpu(1))];
  await runtime.waitAll();
  runtime.zeros({ shape: [13], dtype: 'float32', device: gpu(0) });
  const [fate] = await Promise.allSettled([gone.data()]);
  await runtime.sync([kept]);
  expect([fate.status, gone.lost, kept.lost, lost]).toEqual(['rejected', true, false, ['gpu(1)']]);
  expect(() => gone.copyTo(gpu(0))).toThrow('gpu(1) lost everything that was on it (the double was told so)');
  expect(runtime.heldBytes(gpu(1))).toBe(0);
  expect(await kept.copyTo(gpu(1)).norm()).toBe(2);
  expect(processes).toHaveLength(1);
});

describe('processes', () => {
  const open = `
    import { fork } from 'node:child_process';
    const { DeviceRuntime } = await import(${built('device/runtime.js')});
    const { ProcessLink } = await import(${built('device/process-link.js')});
    const { gpu } = await import(${built('device/device.js')});
    const startGpu = () => {
      const child = fork(${double}, { execArgv: [], serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
      console.log(child.pid);
      return new ProcessLink(child);
    };
    const array = new DeviceRuntime({ startGpu }).zeros({ shape: [3], dtype: 'float32', device: gpu(0) });
    await array.norm();`;

  async function hasEnded(pid: number): Promise<boolean> {
    for (let i = 0; i < 200; i++) {
      try {
        process.kill(pid, 0);
      } catch {
        return true;
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return false;
  }

  test('an idle one does not keep the process alive that started it, and ends with it', async () => {
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', open]);
    expect(stderr).toBe('');
    expect(await hasEnded(Number(stdout))).toBe(true);
  });

  test('it ends also where the one that started it is killed', async () => {
    const parent = spawn(process.execPath, ['--input-type=module', '-e', `${open} setInterval(() => {}, 1000);`]);
    const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (text) => resolve(Number(text))));
    parent.kill('SIGKILL');
    expect(await hasEnded(pid)).toBe(true);
  });
});
