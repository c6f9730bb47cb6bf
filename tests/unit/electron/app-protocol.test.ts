import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadPages } from '../../../core/api/pages.ts';
import { type AppProtocolServices, answerAppRequest } from '../../../electron/main/app-protocol.ts';
import { RegionAddresses } from '../../../electron/main/gpu-window/region-addresses.ts';
import { createFakeWorkspace, type FakeWorkspace } from '../api/fake-workspace.ts';

let folder: string;
let workspace: FakeWorkspace;
let services: AppProtocolServices;
const log = vi.fn();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parascope-protocol-'));
  await mkdir(join(folder, 'pages'));
  await writeFile(join(folder, 'pages/index.html'), '<!doctype html>');
  await mkdir(join(folder, 'gpu'));
  await writeFile(join(folder, 'gpu/index.html'), '<!doctype html><title>gpu</title>');
  await writeFile(join(folder, 'secret.html'), 'secret');
  workspace = createFakeWorkspace();
  await workspace.open('/a.safetensors');
  const [pages, gpuPages] = await Promise.all(['pages', 'gpu'].map((name) => loadPages(join(folder, name))));
  if (!pages || !gpuPages) throw new Error('No pages.');
  services = { workspace, pages, gpuPages, regions: new RegionAddresses(), log };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ask = (url: string, init?: RequestInit) => answerAppRequest(new Request(url, init), services);

describe('parascope://app', () => {
  it('serves the pages under a policy without exceptions', async () => {
    const response = await ask('parascope://app/');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("connect-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each([
    'parascope://app/../secret.html',
    'parascope://app/%2e%2e/secret.html',
    'parascope://app//secret.html',
    'parascope://app/secret.html',
    'parascope://other/',
    'parascope://app.evil/',
  ])('has nothing at %s', async (url) => {
    const response = await ask(url);
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain('secret');
  });

  it('serves bulk bytes through the same handler as serve', async () => {
    const response = await ask('parascope://app/bytes/cells/doc-1/0?ranges=0:1:1,0:2:1');
    expect(JSON.parse(response.headers.get('parascope-meta') ?? '')).toMatchObject({ dtype: 'float32' });
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array(16).fill(7));
    expect((await ask('parascope://app/bytes/cells/none/0?ranges=')).status).toBe(404);
  });

  it('tells the page no more of an unforeseen failure than the log', async () => {
    const query = 'rowAxis=0&columnAxis=1&index=0,0&rows=0,2&columns=0,2&height=2&width=2&reduce=mean&colorMap=gray';
    const response = await ask(`parascope://app/bytes/heatmap/doc-1/0?${query}`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    expect(log).toHaveBeenCalledWith(expect.objectContaining({ message: '/secret/path is broken' }));
  });

  it('answers GET alone', async () => {
    expect((await ask('parascope://app/', { method: 'POST' })).status).toBe(405);
  });

  it('ends the work behind a request that the page gave up', async () => {
    const work = workspace.holdNextWork();
    const controller = new AbortController();
    const response = ask('parascope://app/bytes/cells/doc-1/0?ranges=0:1:1', { signal: controller.signal });
    await work.started;
    controller.abort();
    await work.aborted;
    await response;
  });
});

describe('parascope://gpu', () => {
  it('serves the page of the GPU window under the same policy', async () => {
    const response = await ask('parascope://gpu/index.html');
    expect(await response.text()).toContain('<title>gpu</title>');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
  });

  it('serves a lent region of a file there and nowhere else, until it ends', async () => {
    const path = join(folder, 'secret.html');
    const { size, mtimeMs, ino } = await stat(path);
    const lent = services.regions.lend({ path, offset: 2, nbytes: 3, stamp: { size, mtimeMs, ino } });
    const init = { headers: { range: 'bytes=1-2' } };
    expect(await (await ask(`parascope://gpu${lent.address}`, init)).text()).toBe('re');
    expect((await ask(`parascope://app${lent.address}`, init)).status).toBe(404);
    lent.end();
    expect((await ask(`parascope://gpu${lent.address}`, init)).status).toBe(404);
  });

  it.each(['parascope://gpu/bytes/cells/doc-1/0?ranges=0:1:1,0:2:1', 'parascope://gpu/../secret.html'])(
    'has nothing at %s',
    async (url) => {
      expect((await ask(url)).status).toBe(404);
    },
  );
});
