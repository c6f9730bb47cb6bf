import { readFile } from 'node:fs/promises';
import { handleBytes } from '../../core/api/bytes.ts';
import { type PageFile, pageHeaders } from '../../core/api/pages.ts';
import type { Workspace } from '../../core/workspace/contract.ts';
import { REGION_PATH, type RegionAddresses } from './gpu-window/region-addresses.ts';
import { isGpuPage, isOwnPage } from './navigation-policy.ts';

export interface AppProtocolServices {
  readonly workspace: Workspace;
  readonly pages: ReadonlyMap<string, PageFile>;
  /** Of the hidden GPU window. */
  readonly gpuPages: ReadonlyMap<string, PageFile>;
  /** What the GPU window may read of files. */
  readonly regions: RegionAddresses;
  readonly log: (error: unknown) => void;
}

/**
 * Answers `parascope://app/…`, the built pages and bulk bytes of open documents, and `parascope://gpu/…`,
 * the page of the GPU window and the tensors that it is just loading. Nothing else has an address.
 */
export async function answerAppRequest(request: Request, services: AppProtocolServices): Promise<Response> {
  const ofGpu = isGpuPage(request.url);
  if (!ofGpu && !isOwnPage(request.url)) return new Response(null, { status: 404 });
  if (request.method !== 'GET') return new Response(null, { status: 405, headers: { allow: 'GET' } });
  const url = new URL(request.url);
  if (!ofGpu && url.pathname.startsWith('/bytes/')) {
    const { workspace, log } = services;
    // Electron's protocol.handle does not abort this signal when the page gives a fetch up (it cancels
    // the body alone, and ours is complete by then); what that leaves running is one bounded read.
    const { status, headers, body } = await handleBytes(workspace, url, {
      signal: request.signal,
      onUnforeseen: log,
    });
    return new Response(new Uint8Array(body), { status, headers });
  }
  if (ofGpu && url.pathname.startsWith(REGION_PATH)) return await services.regions.answer(request);
  const page = (ofGpu ? services.gpuPages : services.pages).get(url.pathname);
  if (!page) return new Response(null, { status: 404 });
  return new Response(await readFile(page.path), {
    headers: { ...pageHeaders(), 'content-type': page.contentType, 'cache-control': page.cacheControl },
  });
}
