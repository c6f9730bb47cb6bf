import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { cpu, gpu } from '../../../core/device/device.ts';
import { array } from '../../../core/device/nd.ts';
import { startGpuProcess } from '../../../core/device/process-link.ts';
import { DeviceLostError, DeviceMismatchError, OutOfMemoryError } from '../../../core/errors.ts';
import { findSwiftShader } from '../../../scripts/find-swiftshader.mjs';
import { openRuntime } from './runtimes.ts';

const run = promisify(execFile);
const software = findSwiftShader();
if (!software)
  process.stderr.write('*** Skipped: the GPU process on SwiftShader, which is not beside a Chromium here. ***\n');

/** The process on SwiftShader, or on an environment in which no driver can be found. */
function gpuRuntime(environment: NodeJS.ProcessEnv = { ...software }) {
  return openRuntime({ logicalGpus: 2, startGpu: () => startGpuProcess({ ...process.env, ...environment }) });
}

const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

test('without the optional package webgpu there are no gpus, and it is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parascope-dawn-'));
  folders.push(folder);
  const alone = join(folder, 'dawn.mjs');
  await copyFile(fileURLToPath(new URL('../../../dist/core/device/dawn.js', import.meta.url)), alone);
  // In a Node of its own: the tests' own imports find the package from anywhere.
  const script = `const { openWebGpu } = await import('${pathToFileURL(alone).href}'); console.log(JSON.stringify(await openWebGpu()));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual({
    isOpen: false,
    reason: 'the optional package webgpu is not installed; npm install webgpu adds it.',
  });
});

test('without a driver there are no gpus, and discovery says so', async () => {
  const runtime = gpuRuntime({ VK_DRIVER_FILES: '/nonexistent.json', VK_ICD_FILENAMES: '/nonexistent.json' });
  const { devices, reason } = await runtime.discover();
  expect(devices.map(({ device }) => String(device))).toEqual(['cpu(0)']);
  expect(reason).toContain('WebGPU');
  expect(() => runtime.zeros({ shape: [1], dtype: 'float32', device: gpu(0) })).toThrow(DeviceMismatchError);
});

describe.skipIf(!software)('on SwiftShader', () => {
  test('each adapter is listed once, as its logical devices', async () => {
    const { devices, reason } = await gpuRuntime().discover();
    expect(devices.map(({ device, backend, software: isPlayed }) => [String(device), backend, isPlayed])).toEqual([
      ['cpu(0)', 'cpu', false],
      ['gpu(0)', 'webgpu', true],
      ['gpu(1)', 'webgpu', true],
    ]);
    expect(reason).toBeNull();
  });

  test('values pass through every pair of devices, and what is computed agrees', async () => {
    const runtime = gpuRuntime();
    const values = Float32Array.from({ length: 600_000 }, (_, i) => Math.sin(i));
    const here = array(values, { runtime, device: cpu() });
    const beside = here.copyTo(gpu(0)).copyTo(gpu(1));
    expect(Buffer.from(await beside.copyTo(cpu(1)).bytes()).equals(Buffer.from(values.buffer))).toBe(true);
    const [norm, wanted] = [await beside.norm(), await here.norm()];
    expect(Number(norm) / Number(wanted)).toBeCloseTo(1, 6);
  });

  test('what the adapter cannot hold is refused with the sizes, before it is asked for', async () => {
    const runtime = gpuRuntime();
    const { devices } = await runtime.discover();
    const most = devices[1]?.limits.maxArrayBytes ?? 0;
    expect(() => runtime.zeros({ shape: [most / 4 + 1], dtype: 'float32', device: gpu(0) })).toThrow(OutOfMemoryError);
    expect(runtime.heldBytes(gpu(0))).toBe(0);
  });

  test('after the process was ended, its arrays are lost and another serves the next', async () => {
    const links: ReturnType<typeof startGpuProcess>[] = [];
    const runtime = openRuntime({
      startGpu: () => {
        const link = startGpuProcess({ ...process.env, ...software });
        links.push(link);
        return link;
      },
    });
    const lost = array([1, 2], { runtime, device: gpu(0) });
    await lost.data();
    await links[0]?.close();
    expect(() => lost.copyTo(cpu())).toThrow(DeviceLostError);
    expect(await array([3, 4], { runtime, device: gpu(0) }).norm()).toBe(5);
    expect(links).toHaveLength(2);
  });
});
