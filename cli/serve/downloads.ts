import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { COMMON_HEADERS, RequestError } from './answer.ts';
import { writableEnding } from './checkpoint-names.ts';
import type { Scratch } from './scratch.ts';

/** A copy that nobody fetched is removed after this long. */
const IDLE_LIMIT_MS = 15 * 60_000;
const SWEEP_EVERY_MS = 60_000;

interface Download {
  readonly name: string;
  readonly folder: string;
  readonly path: string;
  readonly createdAt: number;
}

/** Copies that a browser fetches once from `/download/ID`. */
export class Downloads {
  readonly #scratch: Scratch;
  readonly #downloads = new Map<string, Download>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(scratch: Scratch) {
    this.#scratch = scratch;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_EVERY_MS).unref();
  }

  /** A path to write the copy to, and where the browser then finds it. */
  async create(name: string): Promise<{ readonly path: string; readonly url: string }> {
    const id = randomBytes(16).toString('base64url');
    const folder = join(this.#scratch.directory, `download-${id}`);
    await mkdir(folder, { mode: 0o700 });
    const path = join(folder, `copy${writableEnding(name) ?? '.safetensors'}`);
    // Through UTF-8 and back, so that half of a surrogate pair cannot break the header later.
    this.#downloads.set(id, { name: basename(Buffer.from(name).toString()), folder, path, createdAt: Date.now() });
    return { path, url: `/download/${id}` };
  }

  /** Streams the copy and removes it, whether or not the browser took all of it. */
  async send(id: string, response: ServerResponse): Promise<void> {
    const download = this.#downloads.get(id);
    this.#downloads.delete(id);
    if (!download) {
      throw new RequestError(404, 'NOT_FOUND', { message: 'This download is gone: each can be fetched once.' });
    }
    try {
      const size = await sizeOf(download.path);
      response.writeHead(200, {
        ...COMMON_HEADERS,
        'content-type': 'application/octet-stream',
        'content-length': size,
        'content-disposition': contentDisposition(download.name),
        'cache-control': 'no-store',
      });
      await pipeline(createReadStream(download.path), response);
    } finally {
      await rm(download.folder, { recursive: true, force: true });
    }
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.#downloads.clear();
  }

  #sweep(): void {
    for (const [id, { folder, createdAt }] of this.#downloads) {
      if (Date.now() - createdAt < IDLE_LIMIT_MS) continue;
      this.#downloads.delete(id);
      rm(folder, { recursive: true, force: true }).catch((error: unknown) => console.error(error));
    }
  }
}

/** RFC 6266: an ASCII name for old programs, the real one by RFC 5987. */
export function contentDisposition(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

async function sizeOf(path: string): Promise<number> {
  const file = await open(path).catch(() => {
    throw new RequestError(404, 'NOT_FOUND', { message: 'This copy is not written yet, or its writing failed.' });
  });
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}
