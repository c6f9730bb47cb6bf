/** The one origin that the window shows. */
export const APP_ORIGIN = 'parascope://app';

/** The one origin of the hidden GPU window: it shares nothing with the page, neither storage nor addresses. */
export const GPU_ORIGIN = 'parascope://gpu';

/** Node gives custom schemes the origin "null", so scheme and host are compared by themselves. */
function isOf(origin: string, url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host, username, password } = new URL(url);
  return `${protocol}//${host}` === origin && username === '' && password === '';
}

export function isOwnPage(url: string): boolean {
  return isOf(APP_ORIGIN, url);
}

export function isGpuPage(url: string): boolean {
  return isOf(GPU_ORIGIN, url);
}

/** The window reloads its own page and goes nowhere else, whoever asks: a link, a script, a redirect, a drop. */
export function allowsNavigation(url: string): boolean {
  return isOwnPage(url) && ['/', '/index.html'].includes(new URL(url).pathname);
}

/** What Electron tells of the frame that sent a message; null where the frame is gone. */
export interface SenderFrame {
  readonly url: string;
  readonly parent: unknown;
}

/** Only the top frame with our own page may speak to the main process. */
export function trustsSender(frame: SenderFrame | null | undefined): boolean {
  return frame !== null && frame !== undefined && frame.parent === null && isOwnPage(frame.url);
}
