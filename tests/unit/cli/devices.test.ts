import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { findSwiftShader } from '../../../scripts/find-swiftshader.mjs';
import { CLI, runCli } from './run-cli.ts';

const software = findSwiftShader();

/** `devices --json` in an environment of its own. */
function listDevices(environment: NodeJS.ProcessEnv, ...args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [CLI, 'devices', '--json', ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  return { status, stderr, devices: JSON.parse(stdout) as Record<string, unknown>[] };
}

test.skipIf(!software)('each GPU is listed as the logical devices that are asked for, by option or environment', () => {
  const byOption = listDevices({ ...software, PARASCOPE_LOGICAL_GPUS: '7' }, '--logical-gpus', '2');
  expect(byOption.devices.map(({ device }) => device)).toEqual(['cpu(0)', 'gpu(0)', 'gpu(1)']);
  expect(byOption.devices[1]).toMatchObject({ backend: 'webgpu', software: true, held: 0 });
  const { devices } = listDevices({ ...software, PARASCOPE_LOGICAL_GPUS: '3' });
  expect(devices.map(({ device }) => device)).toEqual(['cpu(0)', 'gpu(0)', 'gpu(1)', 'gpu(2)']);
  for (const key of ['device', 'backend', 'adapter', 'driver', 'memory']) {
    for (const each of devices) expect(each[key]).toBeTruthy();
  }
});

test('without a driver the processor alone is listed, and stderr says why', () => {
  const { status, devices, stderr } = listDevices({
    VK_DRIVER_FILES: '/nonexistent.json',
    VK_ICD_FILENAMES: '/nonexistent.json',
  });
  expect([status, devices.map(({ device }) => device)]).toEqual([0, ['cpu(0)']]);
  expect(stderr).toMatch(/^No GPU: .*WebGPU/);
});

test.each(['0', '1.5', 'two', '17', ''])('--logical-gpus %j is wrong usage', (text) => {
  const { status, stderr } = runCli('devices', `--logical-gpus=${text}`);
  expect(status).toBe(2);
  expect(stderr).toContain('--logical-gpus takes the number of logical devices for each GPU, 1 to 16');
});

test('a PARASCOPE_LOGICAL_GPUS that is no such number is named', () => {
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'devices'], {
    encoding: 'utf8',
    env: { ...process.env, PARASCOPE_LOGICAL_GPUS: 'many' },
  });
  expect(status).toBe(2);
  expect(stderr).toContain('PARASCOPE_LOGICAL_GPUS takes the number');
});
