import { z } from 'zod';
import type { PageBridge } from './message-transport.ts';

/** What the desktop's native menu asks of the page. */
export const SHELL_COMMANDS = [
  'open',
  'save',
  'save-as',
  'close',
  'compare',
  'undo',
  'redo',
  'filter',
  'view-overview',
  'view-heatmap',
  'view-cells',
  'view-spectrum',
  'theme-system',
  'theme-light',
  'theme-dark',
  'about',
  'licences',
  'documentation',
] as const;

export type ShellCommand = (typeof SHELL_COMMANDS)[number];

/** What the page tells the shell of itself, so that the menu offers what can be done now. */
export const shellStateSchema = z.strictObject({
  /** There is a tab on screen, of a document or a comparison: Close closes it, and else the window. */
  tab: z.boolean(),
  /** Of the document on screen; null where there is none. */
  document: z.strictObject({ undo: z.boolean(), redo: z.boolean() }).nullable(),
  /** Null where no tensor is shown, and so no view of one. */
  view: z.enum(['overview', 'heatmap', 'cells', 'spectrum']).nullable(),
  theme: z.enum(['system', 'light', 'dark']),
  /** A text box has the focus: it keeps its own undo. */
  editingText: z.boolean(),
  /** A dialog of the page is open and has the keyboard for itself. */
  modal: z.boolean(),
});

export type ShellState = z.infer<typeof shellStateSchema>;

/** Tensors that the user began to drag out of the window. */
export const dragOutSchema = z.strictObject({
  document: z.string().min(1).max(64),
  tensors: z.array(z.int().nonnegative()).min(1).max(10_000),
  /** `auto`: one tensor as NumPy's where NumPy has its dtype, all else as safetensors. */
  format: z.enum(['auto', 'safetensors']),
});

export type DragOutRequest = z.infer<typeof dragOutSchema>;

/** What the desktop's preload puts at `window.parascope`; `DroppedFile` is the DOM's `File`. */
export interface DesktopBridge<DroppedFile> extends PageBridge<DroppedFile> {
  /** Returns the function that ends the listening. */
  onCommand(listener: (command: ShellCommand) => void): () => void;
  /** Documents that were opened from outside the page and are to be seen now, by id. */
  onShow(listener: (document: string) => void): () => void;
  reportState(state: ShellState): void;
  /**
   * Writes the tensors to a private file and begins a drag of the platform's with it. Resolves once the
   * drag began or was given up; rejects with a message for the user.
   */
  dragOut(request: DragOutRequest): Promise<void>;
  /** The mouse button was let go before the file was there. */
  giveUpDragOut(): void;
}
