import type { FileRef, SerializedError } from '../core/api/types.ts';

/** The only IPC channels there are, shared by the main process and the preloads. */
export const CHANNELS = {
  /** `PageMessage` from the page, `HostMessage` to it. */
  message: 'parascope:message',
  /** The path of a dropped file, asked from the preload; answered by a `DropAnswer`. */
  drop: 'parascope:drop',
  /** `ShellCommand` to the page: what was chosen in the native menu. */
  command: 'parascope:command',
  /** The id of a document, to the page: it was opened from outside and is to be seen. */
  show: 'parascope:show',
  /** `ShellState` from the page. */
  state: 'parascope:state',
  /** `DragOutRequest` from the page; answered by a `DragOutAnswer`. */
  dragOut: 'parascope:drag-out',
  /** From the page, without content: the drag is not wanted any more. */
  dragGivenUp: 'parascope:drag-given-up',
} as const;

/** Errors cross `ipcMain.handle` with nothing but their message, so the answer carries them itself. */
export type DropAnswer = { readonly file: FileRef } | { readonly error: SerializedError };
export type DragOutAnswer = { readonly error: SerializedError | null };
