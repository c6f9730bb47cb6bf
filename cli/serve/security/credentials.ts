import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ALLOWED, refuse, type Verdict } from './verdict.ts';

/** 256 bits: nobody guesses it, so failed attempts need no counting. */
export function createToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Browsers share cookies between the ports of a host, so each server's has a name of its own. */
export function cookieName(port: number): string {
  return `parascope-${port}`;
}

export function sessionCookie(port: number, token: string): string {
  return `${cookieName(port)}=${token}; Path=/; HttpOnly; SameSite=Strict`;
}

/** In constant time whatever the lengths: digests are compared, not the strings. */
export function sameToken(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

export interface Credentials {
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
}

export function bearerOf(authorization: string | undefined): string | null {
  return /^Bearer +([\w-]{1,256})$/i.exec(authorization ?? '')?.[1] ?? null;
}

export function cookieOf(cookie: string | undefined, name: string): string | null {
  for (const pair of (cookie ?? '').split(';')) {
    const [key, value] = pair.trim().split('=');
    if (key === name && value !== undefined) return value;
  }
  return null;
}

/** A wrong `Authorization` is refused even where the cookie is right: it was meant for another server. */
export function judgeCredentials(given: Credentials, expected: { port: number; token: string }): Verdict {
  const { authorization, cookie } = given;
  const token = authorization === undefined ? cookieOf(cookie, cookieName(expected.port)) : bearerOf(authorization);
  if (token !== null && sameToken(token, expected.token)) return ALLOWED;
  return refuse(401, 'This address needs its token. Open the address that parascope serve printed, token included.');
}
