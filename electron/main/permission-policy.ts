import { isOwnPage } from './navigation-policy.ts';

/** Copying a selection of cells. All else (camera, notifications, USB, reading the clipboard) the window has no use for. */
const GRANTED: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

export function allowsPermission(permission: string, requestingUrl: string): boolean {
  return GRANTED.has(permission) && isOwnPage(requestingUrl);
}
