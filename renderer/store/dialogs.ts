import { create } from 'zustand';
import type { FileRef, TensorDetail } from '../contract.ts';

/** What is asked before a live Parameter is changed. */
export type ParameterQuestion = 'initialize' | 'reset-devices' | 'cast' | 'probe';

/** What is asked before an edit of whole tensors. */
export type EditQuestion =
  | 'rename'
  | 'cast'
  | 'fill'
  | 'scale'
  | 'reinitialize'
  | 'compute'
  | 'shape'
  | 'concatenate'
  | 'tie';

export type DialogRequest =
  | { readonly kind: 'open' | 'about' | 'licences' | 'documentation' | 'devices' }
  | { readonly kind: 'save-as'; readonly document: string }
  | { readonly kind: 'save-plan'; readonly document: string; readonly file: FileRef | null }
  | { readonly kind: 'overwrite' | 'export-edits'; readonly document: string }
  /** A file was dropped on `document` and is open as `other`. */
  | { readonly kind: 'dropped'; readonly document: string; readonly other: string; readonly isNew: boolean }
  | { readonly kind: 'compare'; readonly document: string }
  /** Tensors of the document `from` are to be copied into `document`. */
  | {
      readonly kind: 'copy-tensors';
      readonly document: string;
      readonly from: string;
      readonly ids: readonly number[];
    }
  | { readonly kind: 'close'; readonly document: string }
  | { readonly kind: 'reload'; readonly document: string }
  | {
      readonly kind: EditQuestion;
      readonly document: string;
      readonly names: readonly string[];
    }
  | {
      readonly kind: 'set-copy';
      readonly document: string;
      readonly tensor: number;
      readonly device: string;
    }
  | {
      readonly kind: 'parameter';
      readonly document: string;
      readonly question: ParameterQuestion;
      readonly detail: TensorDetail;
    }
  | {
      readonly kind: 'rename-pattern';
      readonly document: string;
      readonly pattern: string;
      /** Those whose names are meant; null for all. */
      readonly names: readonly string[] | null;
    };

interface Dialogs {
  readonly request: DialogRequest | null;
  ask(request: DialogRequest): void;
  close(): void;
}

/** One dialog at a time: the newest request wins. */
export const useDialogs = create<Dialogs>()((set) => ({
  request: null,
  ask: (request) => set({ request }),
  close: () => set({ request: null }),
}));
