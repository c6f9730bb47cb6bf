import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { checkOptions, RefusedByDouble, refusing } from '../refusal.ts';
import type { AddressMap } from './address-map.ts';

type Handler = (request: Request) => Response | Promise<Response>;

interface CustomScheme {
  readonly scheme: string;
  readonly privileges?: Readonly<Record<string, boolean>>;
}

/** What an address under localhost gives a page; a scheme that wants less or more cannot be imitated by one. */
const PRIVILEGES = { standard: true, secure: true, supportFetchAPI: true };
const HOP_BY_HOP = new Set(['host', 'connection', 'keep-alive', 'transfer-encoding', 'upgrade']);

/** `protocol`, served by an HTTP server of this process; bodies stream both ways. */
export class SchemeServer {
  readonly #map: AddressMap;
  readonly #schemes = new Set<string>();
  readonly #handlers = new Map<string, Handler>();
  readonly #server: Server;
  #started = false;

  constructor(map: AddressMap) {
    this.#map = map;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        console.error(error);
        response.destroy();
      });
    });
    // The requests of a window are few and local; a stopped debugger must not end them.
    this.#server.requestTimeout = 0;
  }

  readonly protocol = refusing('protocol', {
    registerSchemesAsPrivileged: (schemes: readonly CustomScheme[]): void => {
      if (this.#started) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
      if (this.#schemes.size > 0) throw new Error('protocol.registerSchemesAsPrivileged can be called only once.');
      for (const { scheme, privileges = {}, ...rest } of schemes) {
        checkOptions('protocol.registerSchemesAsPrivileged', rest, []);
        checkOptions(`the privileges of ${scheme}`, privileges, [...Object.keys(PRIVILEGES), 'stream', 'codeCache']);
        for (const name of Object.keys(PRIVILEGES)) {
          if (privileges[name] !== true) throw new RefusedByDouble(`scheme ${scheme} without the privilege ${name}`);
        }
        this.#schemes.add(scheme);
      }
    },
    handle: (scheme: string, handler: Handler): void => {
      if (!this.#schemes.has(scheme))
        throw new RefusedByDouble(`protocol.handle of ${scheme}, which is not privileged`);
      if (this.#handlers.has(scheme)) throw new Error('Failed to register protocol: the scheme has a handler.');
      this.#handlers.set(scheme, handler);
    },
    unhandle: (scheme: string): void => {
      if (!this.#handlers.delete(scheme)) throw new Error('Failed to unhandle protocol: the scheme has no handler.');
    },
    isProtocolHandled: (scheme: string): boolean => this.#handlers.has(scheme),
  });

  async start(): Promise<void> {
    this.#started = true;
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    const address = this.#server.address();
    if (typeof address === 'object' && address) this.#map.port = address.port;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const target = this.#map.targetOf(incoming.headers.host ?? '');
    const handler = target && this.#handlers.get(target.scheme);
    if (!target || !handler) {
      outgoing.writeHead(404).end();
      return;
    }
    const response = await handler(requestOf(incoming, `${target.scheme}://${target.host}${incoming.url}`));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    if (!response.body) {
      outgoing.end();
      return;
    }
    const body = Readable.fromWeb(response.body as ReadableStream);
    // A page that gives a fetch up cancels the body, as in Electron; the request's signal stays silent there, too.
    outgoing.once('close', () => body.destroy());
    body.once('error', () => outgoing.destroy());
    body.pipe(outgoing);
  }
}

function requestOf(incoming: IncomingMessage, url: string): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (!HOP_BY_HOP.has(name)) headers.set(name, String(value));
  }
  const method = incoming.method ?? 'GET';
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers });
  const body = Readable.toWeb(incoming) as BodyInit;
  return new Request(url, { method, headers, body, duplex: 'half' } as RequestInit);
}
