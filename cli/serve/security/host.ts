import { isIP } from 'node:net';
import { ALLOWED, refuse, type Verdict } from './verdict.ts';

const HOST_HEADER = /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[\w.-]+))(?::\d{1,5})?$/i;

/**
 * Refuses requests that came under a foreign name. A page on `evil.example` whose DNS answer changes
 * to 127.0.0.1 (DNS rebinding) is same-origin with itself and passes every Origin check; only the
 * name in `Host` gives it away. Address literals involve no DNS and are therefore safe.
 */
export function judgeHost(header: string | undefined, names: readonly string[]): Verdict {
  const parts = HOST_HEADER.exec(header ?? '')?.groups;
  if (!parts) return refuse(421, 'The request has no readable Host header.');
  const name = (parts.v6 ?? parts.name ?? '').toLowerCase().replace(/\.$/, '');
  const known = isIP(name) !== 0 || name === 'localhost' || names.some((own) => own.toLowerCase() === name);
  return known
    ? ALLOWED
    : refuse(421, `This server does not answer to the name ${name}. Use the address that it printed.`);
}

/** Whether only programs of this machine can reach a server that listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
