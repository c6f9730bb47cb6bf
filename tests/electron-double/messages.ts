/** What the double's main process and the isolated world of one page say to each other. */
export type FromPage =
  | {
      readonly kind: 'send';
      readonly channel: string;
      readonly args: readonly unknown[];
      readonly ports: readonly number[];
    }
  | { readonly kind: 'invoke'; readonly id: number; readonly channel: string; readonly args: readonly unknown[] }
  | { readonly kind: 'port-message'; readonly port: number; readonly data: unknown }
  | { readonly kind: 'port-close'; readonly port: number }
  | { readonly kind: 'key'; readonly press: KeyPress }
  | { readonly kind: 'file'; readonly file: number }
  | { readonly kind: 'preload-error'; readonly message: string; readonly stack: string };

export type ToPage =
  | {
      readonly kind: 'message';
      readonly channel: string;
      readonly args: readonly unknown[];
      readonly ports: readonly number[];
    }
  | { readonly kind: 'reply'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly message: string }
  | { readonly kind: 'port-message'; readonly port: number; readonly data: unknown }
  | { readonly kind: 'port-close'; readonly port: number };

/** A key that no handler of the page took: it goes on to the menu's accelerators. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

export const ISOLATED_WORLD = 'Electron Isolated Context';
/** The binding that the isolated world calls with a `FromPage`, and the function that takes a `ToPage`. */
export const BINDING = '__electronDoubleSend';
export const RECEIVER = '__electronDoubleReceive';
/** Where the isolated world keeps the files whose paths the main process looks up. */
export const FILES = '__electronDoubleFiles';

/**
 * `webUtils.getPathForFile` answers at once in Electron; the DevTools protocol tells a file's path only
 * to the main process. The page gets this placeholder, which becomes the path on its way through IPC.
 */
export const filePlaceholder = (file: number): string => `\u{f8ff}electron-double-file-${file}\u{f8ff}`;
export const FILE_PLACEHOLDER = /^\u{f8ff}electron-double-file-(\d+)\u{f8ff}$/u;
