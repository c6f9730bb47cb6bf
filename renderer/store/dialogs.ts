import { create } from 'zustand';
import type { TensorDetail } from '../contract.ts';

/** What is asked before a live Parameter is changed. */
export type ParameterQuestion = 'initialize' | 'reset-devices' | 'cast' | 'probe';

export type DialogRequest =
  | { readonly kind: 'open' | 'about' | 'licences' | 'documentation' | 'devices' }
  | { readonly kind: 'save-as'; readonly document: string }
  | { readonly kind: 'overwrite'; readonly document: string }
  | { readonly kind: 'close'; readonly document: string }
  | { readonly kind: 'reload'; readonly document: string }
  | {
      readonly kind: 'rename' | 'cast' | 'fill' | 'scale';
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
  | { readonly kind: 'rename-pattern'; readonly document: string; readonly pattern: string };

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
