import type { MovingTensors } from '../store/moving-tensors.ts';

/** The type of what a browser drags from one tree to another; the tensors themselves are in the store. */
export const TENSORS_TYPE = 'application/x-parascope-tensors';

/** What a drop would do. */
export type DropPlace =
  | { readonly kind: 'open' }
  | { readonly kind: 'onto-document'; readonly document: string }
  | { readonly kind: 'tensors'; readonly document: string };

export interface Hovering {
  /** Types of what is on the mouse. */
  readonly types: readonly string[];
  /** The open document under the mouse: its page or its tab. */
  readonly over: string | null;
  /** Tensors of an open document that are on the mouse. */
  readonly dragged: MovingTensors | null;
  /** Where tensors travel as files. */
  readonly desktop: boolean;
}

/** Null where a drop would do nothing. */
export function dropPlace({ types, over, dragged, desktop }: Hovering): DropPlace | null {
  const hasFiles = types.includes('Files');
  if (dragged !== null && (types.includes(TENSORS_TYPE) || (desktop && hasFiles))) {
    return over === null || over === dragged.document ? null : { kind: 'tensors', document: over };
  }
  if (!hasFiles) return null;
  return over === null ? { kind: 'open' } : { kind: 'onto-document', document: over };
}

/** The open document whose page or tab holds the element. */
export function documentUnder(target: EventTarget | null): string | null {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-document]') : null;
  return element?.dataset.document ?? null;
}
