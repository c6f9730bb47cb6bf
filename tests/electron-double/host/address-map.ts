/**
 * Chromium alone knows no scheme of ours, so the page of `parascope://app/x` lives at
 * `http://app.parascope.localhost:PORT/x`: names under localhost are secure contexts and resolve to
 * this machine. The main process is shown the scheme's addresses and never sees these.
 */
export class AddressMap {
  #port = 0;

  set port(port: number) {
    this.#port = port;
  }

  toPage(url: string): string {
    const parsed = new URL(url);
    if (['http:', 'https:', 'about:', 'data:', 'chrome:'].includes(parsed.protocol)) return url;
    const scheme = parsed.protocol.slice(0, -1);
    return `http://${parsed.host}.${scheme}.localhost:${this.#port}${parsed.pathname}${parsed.search}${parsed.hash}`;
  }

  fromPage(url: string): string {
    if (!URL.canParse(url)) return url;
    const { protocol, host, pathname, search, hash } = new URL(url);
    const target = protocol === 'http:' ? this.targetOf(host) : null;
    return target ? `${target.scheme}://${target.host}${pathname}${search}${hash}` : url;
  }

  /** The scheme and host that stand behind a `Host` header; null where it is none of ours. */
  targetOf(host: string): { readonly scheme: string; readonly host: string } | null {
    const match = /^(.+)\.([a-z][a-z0-9+-]*)\.localhost:(\d+)$/.exec(host);
    if (!match || Number(match[3]) !== this.#port) return null;
    return { host: match[1] ?? '', scheme: match[2] ?? '' };
  }
}
