import type { FileRef, SerializedError } from '../core/api/types.ts';

/** The only IPC channels there are, shared by the main process and the preload. */
export const CHANNELS = {
  /** `PageMessage` from the page, `HostMessage` to it. */
  message: 'parascope:message',
  /** The path of a dropped file, asked from the preload; answered by a `DropAnswer`. */
  drop: 'parascope:drop',
} as const;

/** Errors cross `ipcMain.handle` with nothing but their message, so the answer carries them itself. */
export type DropAnswer = { readonly file: FileRef } | { readonly error: SerializedError };
