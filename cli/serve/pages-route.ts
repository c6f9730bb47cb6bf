import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { type PageFile, pageHeaders } from '../../core/api/pages.ts';
import { COMMON_HEADERS } from './answer.ts';
import { sessionCookie } from './security/credentials.ts';
import type { Identity } from './security/gate.ts';
import type { Refusal } from './security/verdict.ts';

/** `host` has passed the gate and is safe to put into the policy. */
export async function answerPage(response: ServerResponse, page: PageFile, host: string): Promise<void> {
  const body = await readFile(page.path);
  response
    .writeHead(200, {
      ...pageHeaders([`ws://${host}`]),
      'content-type': page.contentType,
      'content-length': body.length,
      'cache-control': page.cacheControl,
    })
    .end(body);
}

/**
 * Takes the token out of the address bar and into a cookie. A browser that was led here by another
 * site would not send a SameSite=Strict cookie after a redirect, so it gets a page that leads on.
 */
export function answerLogin(response: ServerResponse, identity: Identity, fromOtherSite: boolean): void {
  response.setHeader('set-cookie', sessionCookie(identity.port, identity.token));
  if (fromOtherSite) {
    const refresh = '<meta http-equiv="refresh" content="0;url=/">';
    answerText(response, 200, { title: 'Parascope', text: 'Opening Parascope.', head: refresh });
  } else {
    response.writeHead(303, { ...COMMON_HEADERS, location: '/', 'cache-control': 'no-store' }).end();
  }
}

export function answerRefusal(response: ServerResponse, { status, reason }: Refusal): void {
  // The body of a refused request stays unread.
  response.setHeader('connection', 'close');
  answerText(response, status, { title: 'Parascope: not allowed', text: reason });
}

function answerText(
  response: ServerResponse,
  status: number,
  { title, text, head = '' }: { title: string; text: string; head?: string },
): void {
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>${head}</head><body><h1>${title}</h1><p>${escapeHtml(text)}</p></body></html>`;
  response
    .writeHead(status, {
      ...COMMON_HEADERS,
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
    })
    .end(html);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
