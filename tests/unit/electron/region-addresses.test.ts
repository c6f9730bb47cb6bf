import { appendFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readAddressedRegion } from '../../../core/device/addressed-region.ts';
import { FETCH_PIECE_BYTES } from '../../../core/device/protocol.ts';
import { FileChangedError, InvalidStateError } from '../../../core/errors.ts';
import type { FileRegion } from '../../../core/ndarray/lazy-tensor.ts';
import { type LentRegion, RegionAddresses } from '../../../electron/main/gpu-window/region-addresses.ts';

const BYTES = Buffer.from(Uint8Array.from({ length: FETCH_PIECE_BYTES + 1000 }, (_, i) => (i * 31) >> 3));
const OFFSET = 7;
const NBYTES = FETCH_PIECE_BYTES + 900;

let folder: string;
let path: string;
let region: FileRegion;
let regions: RegionAddresses;
let lent: LentRegion;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parascope-regions-'));
  path = join(folder, 'm.safetensors');
});
afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  await writeFile(path, BYTES);
  const { size, mtimeMs, ino } = await stat(path);
  region = { path, offset: OFFSET, nbytes: NBYTES, stamp: { size, mtimeMs, ino } };
  regions = new RegionAddresses();
  lent = regions.lend(region);
  return () => lent.end();
});

const ask = (headers: Record<string, string>, address = lent.address) =>
  regions.answer(new Request(`parascope://gpu${address}`, { headers }));

describe('the address of a region', () => {
  it('answers one range', async () => {
    const response = await ask({ range: 'bytes=10-600009' });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes 10-600009/${NBYTES}`);
    expect(response.headers.get('content-length')).toBe('600000');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const wanted = BYTES.subarray(OFFSET + 10, OFFSET + 600_010);
    expect(wanted.equals(Buffer.from(await response.arrayBuffer()))).toBe(true);
  });

  it.each([
    ['none', {}],
    ['several', { range: 'bytes=0-1,4-5' }],
    ['one without an end', { range: 'bytes=0-' }],
    ['one backwards', { range: 'bytes=5-4' }],
    ['one past the region, which goes on in the file', { range: `bytes=${NBYTES - 1}-${NBYTES}` }],
    ['one of more than a piece', { range: `bytes=0-${FETCH_PIECE_BYTES}` }],
  ])('refuses %s', async (_case, headers) => {
    const response = await ask({ ...headers });
    expect(response.status).toBe(416);
    expect(await response.text()).toBe('');
  });

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'parascope://app' },
    { origin: 'null' },
  ])('answers nobody who comes from elsewhere: %o', async (from) => {
    expect((await ask({ range: 'bytes=0-3', ...from } as Record<string, string>)).status).toBe(403);
  });

  it('is the only one', async () => {
    for (const name of ['', '/', '/region/', '/region/x', `${lent.address}/`, `${lent.address}x`])
      expect((await ask({ range: 'bytes=0-3' }, name)).status).toBe(404);
  });

  it('says without a path that the file changed', async () => {
    await appendFile(path, 'x');
    const response = await ask({ range: 'bytes=0-3' });
    expect(response.status).toBe(409);
    const body = await response.json();
    expect(body).toMatchObject({ code: 'FILE_CHANGED', message: expect.stringContaining('m.safetensors') });
    expect(JSON.stringify(body)).not.toContain(folder);
  });

  it('breaks off where the file changes under the answer', async () => {
    const response = await ask({ range: 'bytes=0-999999' });
    const body = response.body?.getReader();
    await body?.read();
    await appendFile(path, 'x');
    await expect(
      (async () => {
        while (!(await body?.read())?.done);
      })(),
    ).rejects.toThrow(FileChangedError);
  });
});

describe('the page at that address', () => {
  const asked: string[] = [];

  beforeEach(() => {
    asked.length = 0;
    vi.stubGlobal('fetch', (address: string, { headers, signal }: RequestInit) => {
      asked.push((headers as Record<string, string>).range ?? '');
      return regions.answer(new Request(`parascope://gpu${address}`, { headers, signal } as RequestInit));
    });
    return () => vi.unstubAllGlobals();
  });

  const source = () => ({ kind: 'address', address: lent.address, nbytes: NBYTES }) as const;

  async function collect(): Promise<Buffer> {
    const pieces: ArrayBuffer[] = [];
    for await (const piece of readAddressedRegion(source(), new AbortController().signal)) pieces.push(piece);
    return Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
  }

  it('reads all of it in pieces', async () => {
    expect((await collect()).equals(BYTES.subarray(OFFSET, OFFSET + NBYTES))).toBe(true);
    expect(asked).toEqual([`bytes=0-${FETCH_PIECE_BYTES - 1}`, `bytes=${FETCH_PIECE_BYTES}-${NBYTES - 1}`]);
  });

  it('fails with what main says of the file', async () => {
    await appendFile(path, 'x');
    await expect(collect()).rejects.toThrow(FileChangedError);
  });

  it('asks again why an answer broke off', async () => {
    const answer = regions.answer.bind(regions);
    vi.spyOn(regions, 'answer').mockImplementationOnce(async (request) => {
      const response = await answer(request);
      await appendFile(path, 'x');
      return response;
    });
    await expect(collect()).rejects.toThrow(FileChangedError);
    expect(asked).toHaveLength(2);
  });

  it('fails where the address ended, and reads no paths', async () => {
    lent.end();
    await expect(collect()).rejects.toThrow('status 404');
    const { signal } = new AbortController();
    await expect(readAddressedRegion({ kind: 'file', region }, signal).next()).rejects.toThrow(InvalidStateError);
  });
});
