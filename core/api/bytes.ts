import { z } from 'zod';
import { isSerializedError, ParascopeError } from '../errors.ts';
import type { Document, Workspace } from '../workspace/contract.ts';
import { askedHeatmap, type HeatmapAsked } from './heatmap-bytes.ts';
import { encodeListing } from './listing-codec.ts';

/**
 * Bulk bytes, one handler for `parascope://` in the desktop window and `GET /bytes/…` in `serve`:
 *
 * - `/bytes/listing/DOCUMENT`: see `listing-codec.ts`;
 * - `/bytes/cells/DOCUMENT/TENSOR?ranges=START:COUNT:STEP,…` (one per axis; empty for a scalar): the
 *   elements widened to the `encoding` that the meta header names;
 * - `/bytes/heatmap/DOCUMENT/TENSOR?rowAxis&columnAxis&index&rows&columns&height&width&reduce&effort&colorMap&range`:
 *   float32 values of the pixels, then their RGBA. `range` is one of `HEATMAP_RANGES`, `LOW,HIGH` or empty;
 * - `/bytes/delta/DOCUMENT/TENSOR/DOCUMENT/TENSOR?…`: the same of the first tensor less the second.
 *
 * Facts about the body ride in the header `parascope-meta` as JSON. A failure has status 4xx and a
 * JSON body `{code, message, details}`.
 */
export interface BytesResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const count = z.coerce.number().pipe(z.int().nonnegative());

const cellsQuery = z.strictObject({
  ranges: z
    .string()
    .max(4096)
    .transform((text) => (text === '' ? [] : text.split(',')))
    .pipe(
      z.array(
        z
          .string()
          .regex(/^\d+:\d+:-?\d+$/, 'wants START:COUNT:STEP for each axis')
          .transform((part) => {
            const [start = 0, length = 0, step = 1] = part.split(':').map(Number);
            return { start, count: length, step };
          }),
      ),
    ),
});

const OCTETS = { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' };

export interface BytesOptions {
  /** Aborts the work where the page does not want the answer any more. */
  readonly signal?: AbortSignal | undefined;
  /** Told of the failures that no error class foresaw; the page learns only that there was one. */
  readonly onUnforeseen?: ((error: unknown) => void) | undefined;
}

/** `url` may be `parascope://app/bytes/…` or `http://host/bytes/…`; only its path and query are read. */
export async function handleBytes(
  workspace: Workspace,
  url: URL,
  { signal, onUnforeseen }: BytesOptions = {},
): Promise<BytesResponse> {
  try {
    // Document ids are URL-safe; a path that needs decoding names none.
    const [, prefix, kind, documentId = '', tensorText = '', otherId = '', otherText = ''] = url.pathname.split('/');
    if (prefix !== 'bytes') return failure(404, notFound(url));
    const asked = { place: [documentId, tensorText] as const, query: url.searchParams, signal };
    const document = workspace.document(documentId);
    switch (kind) {
      case 'listing':
        return { status: 200, headers: OCTETS, body: encodedListing(document) };
      case 'cells':
        return await cells(workspace, document, tensorText, url, signal);
      case 'heatmap':
        return await heatmap(workspace, { ...asked, less: null });
      case 'delta':
        return await heatmap(workspace, { ...asked, less: [otherId, otherText] });
      default:
        return failure(404, notFound(url));
    }
  } catch (error) {
    const status = statusOf(error);
    if (status === 500) onUnforeseen?.(error);
    return failure(status, describe(error));
  }
}

const listings = new WeakMap<Document, { revision: number; message: Uint8Array }>();

function encodedListing(document: Document): Uint8Array {
  const revision = document.summary().listingRevision;
  const known = listings.get(document);
  if (known?.revision === revision) return known.message;
  const message = encodeListing(document.listing());
  listings.set(document, { revision, message });
  return message;
}

async function cells(
  workspace: Workspace,
  document: Document,
  tensorText: string,
  url: URL,
  signal: AbortSignal | undefined,
): Promise<BytesResponse> {
  const { ranges } = cellsQuery.parse(Object.fromEntries(url.searchParams));
  const tensor = document.lazy(count.parse(tensorText));
  const { bytes, ...meta } = await workspace.engine.cells(tensor, ranges, { signal });
  return { status: 200, headers: { ...OCTETS, 'parascope-meta': JSON.stringify(meta) }, body: bytes };
}

async function heatmap(workspace: Workspace, asked: HeatmapAsked): Promise<BytesResponse> {
  const { values, rgba, ...meta } = await askedHeatmap(workspace, asked);
  const body = new Uint8Array(values.byteLength + rgba.byteLength);
  body.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 0);
  body.set(rgba, values.byteLength);
  return { status: 200, headers: { ...OCTETS, 'parascope-meta': JSON.stringify(meta) }, body };
}

function notFound(url: URL): object {
  return { code: 'NOT_FOUND', message: `There is nothing at ${url.pathname}.`, details: {} };
}

function statusOf(error: unknown): number {
  if (error instanceof z.ZodError) return 400;
  if (!(error instanceof ParascopeError)) return 500;
  if (error.code === 'NOT_FOUND') return 404;
  return error.code === 'FILE_CHANGED' ? 409 : 400;
}

function describe(error: unknown): object {
  if (error instanceof ParascopeError) return error.toJSON();
  if (isSerializedError(error)) return error;
  const message =
    error instanceof z.ZodError
      ? `The request is malformed: ${error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}.`
      : 'The request failed inside the host; its log has the cause.';
  return { code: 'INVALID_ARGUMENT', message, details: {} };
}

function failure(status: number, body: object): BytesResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: new TextEncoder().encode(JSON.stringify(body)),
  };
}
