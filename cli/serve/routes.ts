import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { handleBytes } from '../../core/api/bytes.ts';
import type { PageFile } from '../../core/api/pages.ts';
import type { Workspace } from '../../core/workspace/contract.ts';
import { answerJson, COMMON_HEADERS, RequestError } from './answer.ts';
import type { Downloads } from './downloads.ts';
import { answerPage } from './pages-route.ts';
import { MAX_PIECE_BYTES, type Uploads } from './uploads.ts';

export interface Services {
  readonly workspace: Workspace;
  readonly pages: ReadonlyMap<string, PageFile>;
  readonly uploads: Uploads;
  readonly downloads: Downloads;
  readonly log: (error: unknown) => void;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

/** Answers a request that passed the gate; throws `RequestError` for what it cannot do. */
export async function route(exchange: Exchange, services: Services): Promise<void> {
  const { request, response, url } = exchange;
  const [, area, id = ''] = url.pathname.split('/');
  switch (area) {
    case 'bytes':
      allow(exchange, ['GET']);
      return answerBytes(exchange, services);
    case 'upload':
      return routeUpload(exchange, services.uploads);
    case 'download':
      allow(exchange, ['GET']);
      return services.downloads.send(id, response);
    default: {
      allow(exchange, ['GET', 'HEAD']);
      const page = services.pages.get(url.pathname);
      if (!page) throw new RequestError(404, 'NOT_FOUND', { message: `There is nothing at ${url.pathname}.` });
      return answerPage(response, page, request.headers.host ?? '');
    }
  }
}

/** The work behind an answer that nobody waits for any more is aborted. */
async function answerBytes({ response, url }: Exchange, { workspace, log }: Services): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const { status, headers, body } = await handleBytes(workspace, url, { signal: gone.signal, onUnforeseen: log });
  if (gone.signal.aborted) return;
  response.writeHead(status, { ...COMMON_HEADERS, ...headers, 'content-length': body.byteLength });
  response.end(body);
}

const beginQuery = z.object({
  name: z
    .string()
    .max(4096)
    .transform((name) => name.replace(/^.*[\\/]/s, ''))
    .pipe(z.string().min(1, 'is empty').max(255)),
  size: z
    .string()
    .regex(/^\d{1,16}$/, 'is not a number of bytes')
    .transform(Number)
    .pipe(z.int()),
  /** Chosen by the page: files of one drop, which may name each other. */
  group: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'is not a name of letters, digits and dashes')
    .optional(),
});
const pieceQuery = z.object({
  offset: z
    .string()
    .regex(/^\d{1,16}$/, 'is not a byte position')
    .transform(Number)
    .pipe(z.int()),
});

async function routeUpload(exchange: Exchange, uploads: Uploads): Promise<void> {
  const { request, response, url } = exchange;
  const [, , id = '', action] = url.pathname.split('/');
  if (id === '') {
    allow(exchange, ['POST']);
    const { name, size, group } = parseQuery(beginQuery, url);
    return answerJson(response, 201, { id: await uploads.begin(name, size, group) });
  }
  if (action === 'finish') {
    allow(exchange, ['POST']);
    return answerJson(response, 200, { file: uploads.finish(id) });
  }
  if (action !== undefined)
    throw new RequestError(404, 'NOT_FOUND', { message: `There is nothing at ${url.pathname}.` });
  allow(exchange, ['PUT', 'DELETE']);
  if (request.method === 'DELETE') {
    await uploads.cancel(id);
    response.writeHead(204, COMMON_HEADERS).end();
    return;
  }
  const { offset } = parseQuery(pieceQuery, url);
  if (Number(request.headers['content-length'] ?? 0) > MAX_PIECE_BYTES) {
    throw new RequestError(413, 'INVALID_ARGUMENT', { message: `A piece is at most ${MAX_PIECE_BYTES} bytes.` });
  }
  // Without destroyOnReturn: false a refused piece would tear the connection down before its answer is sent.
  const piece = request.iterator({ destroyOnReturn: false });
  answerJson(response, 200, { received: await uploads.append(id, offset, piece) });
}

function parseQuery<T>(schema: z.ZodType<T>, url: URL): T {
  const parsed = schema.safeParse(Object.fromEntries(url.searchParams));
  if (parsed.success) return parsed.data;
  const message = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ');
  throw new RequestError(400, 'INVALID_ARGUMENT', { message: `The request is malformed: ${message}.` });
}

function allow({ request, response }: Exchange, methods: readonly string[]): void {
  if (methods.includes(request.method ?? '')) return;
  response.setHeader('allow', methods.join(', '));
  throw new RequestError(405, 'INVALID_ARGUMENT', { message: `${request.method} is not possible here.` });
}
