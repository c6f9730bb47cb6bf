import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../scripts/find-chromium.mjs';
import { buildNode, buildPage } from '../device-conformance/build.ts';
import { CASES } from '../device-conformance/cases.ts';
import type { Report } from '../device-conformance/run.ts';
import { softwareVulkan } from '../device-conformance/software-vulkan.ts';

/** One suite for every way to a GPU: the cpu's kernels beside it say what is right. */

const ORIGIN = 'https://conformance.invalid';
const FLAGS = {
  webgpu: ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--use-webgpu-adapter=swiftshader'],
  webgl: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-features=WebGPU'],
} as const;

async function runInChromium(backend: keyof typeof FLAGS): Promise<Report> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('Chromium is not on this machine: install it or set CHROMIUM to its path.');
  const script = await buildPage();
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath, args: [...FLAGS[backend], ...asRoot] });
  try {
    const page = await browser.newPage();
    await page.route(`${ORIGIN}/**`, async (route) => {
      const isScript = route.request().url().endsWith('.js');
      if (isScript) await route.fulfill({ contentType: 'text/javascript', body: await readFile(script) });
      else await route.fulfill({ contentType: 'text/html', body: '<script type="module" src="/page.js"></script>' });
    });
    await page.goto(`${ORIGIN}/`);
    return await page.evaluate(() => window.runConformance());
  } finally {
    await browser.close();
  }
}

async function runInNode(): Promise<Report> {
  const child = spawn(process.execPath, [await buildNode()], {
    env: { ...process.env, ...softwareVulkan() },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`the suite ended with code ${code}: ${output.slice(-2000)}`);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Report;
}

const RUNS = [
  { title: 'Dawn in Node', backend: 'webgpu', run: runInNode },
  { title: 'WebGPU in Chromium', backend: 'webgpu', run: () => runInChromium('webgpu') },
  { title: 'WebGL in Chromium', backend: 'webgl', run: () => runInChromium('webgl') },
] as const;

const hasDriver = findChromium() !== null && softwareVulkan() !== null;
if (!hasDriver) console.warn('SKIPPED: no GPU conformance without Chromium and its SwiftShader on this machine.');

describe.skipIf(!hasDriver).each(RUNS)('the device worker on $title', ({ backend, run }) => {
  let report: Report;
  beforeAll(async () => {
    report = await run();
  });

  it('serves two logical devices', () => {
    expect(report.backends).toEqual([backend, backend]);
    expect(report.results.map(({ name }) => name)).toEqual(CASES.map(({ name }) => name));
  });

  it.each(CASES.map(({ name }) => name))('%s', (name) => {
    expect(report.results.find((result) => result.name === name)?.error).toBeNull();
  });
});
