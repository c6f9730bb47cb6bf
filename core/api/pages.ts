import { readdir } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { InvalidStateError } from '../errors.ts';

/** One built page file, as either host serves it. */
export interface PageFile {
  readonly path: string;
  readonly contentType: string;
  readonly cacheControl: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
};

/** Vite puts a content hash of 8 characters into the names under assets/. */
const HASHED = /^\/assets\/.*-[\w-]{8}\.\w+$/;

/**
 * Lists the built pages once, by URL path. Only what is in this map is ever served, so no spelling of
 * a URL path can reach another file.
 */
export async function loadPages(directory: string): Promise<ReadonlyMap<string, PageFile>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const pages = new Map<string, PageFile>();
  for (const entry of entries) {
    const contentType = CONTENT_TYPES[extname(entry.name)];
    if (!entry.isFile() || contentType === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const urlPath = `/${relative(directory, path).split(sep).join('/')}`;
    const cacheControl = HASHED.test(urlPath) ? 'public, max-age=31536000, immutable' : 'no-cache';
    pages.set(urlPath, { path, contentType, cacheControl });
  }
  const index = pages.get('/index.html');
  if (!index)
    throw new InvalidStateError(`The pages are not built: ${directory} has no index.html. Run npm run build.`);
  return pages.set('/', index);
}

/**
 * The headers of every page. Nothing but the page's own files runs or loads; `connect` lists further
 * sources for `connect-src` (a WebSocket of the same origin, which 'self' does not cover in every browser).
 */
export function pageHeaders(connect: readonly string[] = []): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    ['connect-src', "'self'", ...connect].join(' '),
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return {
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  };
}
