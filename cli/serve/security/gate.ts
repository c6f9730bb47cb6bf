import type { IncomingMessage } from 'node:http';
import { bearerOf, judgeCredentials, sameToken } from './credentials.ts';
import { judgeHost } from './host.ts';
import { judgeOrigin } from './origin.ts';
import { refuse, type Verdict } from './verdict.ts';

/** What the server is, as far as guards need to know. */
export interface Identity {
  readonly port: number;
  readonly token: string;
  /** Names beside localhost and address literals under which the server may be called. */
  readonly names: readonly string[];
}

/** `login`: the printed address with its token; the answer sets the cookie and leads to `/`. */
export type GateVerdict = Verdict | { readonly allowed: 'login' };

/** Every request and every WebSocket upgrade passes here before anything else looks at it. */
export function judgeRequest(request: IncomingMessage, url: URL, identity: Identity): GateVerdict {
  const { headers, method = 'GET' } = request;
  const host = judgeHost(headers.host, identity.names);
  if (!host.allowed) return host;
  const upgrade = headers.upgrade !== undefined;
  const origin = judgeOrigin({
    method,
    upgrade,
    path: url.pathname,
    host: headers.host ?? '',
    origin: headers.origin,
    fetchSite: single(headers['sec-fetch-site']),
    fetchMode: single(headers['sec-fetch-mode']),
    fetchDest: single(headers['sec-fetch-dest']),
    bearer: bearerOf(headers.authorization) !== null,
  });
  if (!origin.allowed) return origin;
  const token = url.searchParams.get('token');
  if (token !== null && method === 'GET' && url.pathname === '/' && !upgrade) {
    return sameToken(token, identity.token)
      ? { allowed: 'login' }
      : refuse(
          401,
          'The token in this address is not the one of this server. It changes at every start; use the latest.',
        );
  }
  return judgeCredentials({ authorization: headers.authorization, cookie: headers.cookie }, identity);
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}
