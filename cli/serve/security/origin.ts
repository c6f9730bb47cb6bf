import { ALLOWED, refuse, type Verdict } from './verdict.ts';

export interface OriginFacts {
  readonly method: string;
  readonly upgrade: boolean;
  readonly path: string;
  readonly host: string;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`, `-Mode` and `-Dest`, which browsers send and pages cannot forge. */
  readonly fetchSite: string | undefined;
  readonly fetchMode: string | undefined;
  readonly fetchDest: string | undefined;
  /** The request proves itself by `Authorization: Bearer`, which no foreign page can make a browser send. */
  readonly bearer: boolean;
}

const FOREIGN = 'The request comes from another site. Open the address that parascope serve printed.';

/**
 * Refuses what another site's page made the browser send. SameSite cookies do not help between ports
 * of one machine (all of localhost is one site), so every request is checked against its own origin.
 */
export function judgeOrigin(facts: OriginFacts): Verdict {
  if (facts.origin !== undefined && facts.origin.toLowerCase() !== `http://${facts.host.toLowerCase()}`) {
    return refuse(403, FOREIGN);
  }
  if (!isOwnFetch(facts)) return refuse(403, FOREIGN);
  const wantsOrigin = facts.upgrade || !['GET', 'HEAD'].includes(facts.method);
  if (wantsOrigin && facts.origin === undefined && !facts.bearer) {
    return refuse(403, 'A request that changes something needs an Origin header or Authorization: Bearer TOKEN.');
  }
  return ALLOWED;
}

function isOwnFetch({ fetchSite, fetchMode, fetchDest, method, path, upgrade }: OriginFacts): boolean {
  if (fetchSite === undefined || fetchSite === 'same-origin' || fetchSite === 'none') return true;
  // A link to the printed address may stand on any page (a terminal in a browser, a chat).
  return !upgrade && method === 'GET' && path === '/' && fetchMode === 'navigate' && fetchDest === 'document';
}
