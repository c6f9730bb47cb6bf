/** The one origin that the window shows. */
export const APP_ORIGIN = 'parascope://app';

/** Node gives custom schemes the origin "null", so scheme and host are compared by themselves. */
export function isOwnPage(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host, username, password } = new URL(url);
  return `${protocol}//${host}` === APP_ORIGIN && username === '' && password === '';
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
