import { create } from 'zustand';

/** Tensors of an open document that are on their way into another one; ids survive renames. */
export interface MovingTensors {
  readonly document: string;
  readonly ids: readonly number[];
}

interface Moving {
  /** Copied by key or button, to be pasted. */
  readonly copied: MovingTensors | null;
  /** On the mouse now. */
  readonly dragged: MovingTensors | null;
  copy(tensors: MovingTensors): void;
  drag(tensors: MovingTensors | null): void;
}

export const useMovingTensors = create<Moving>()((set) => ({
  copied: null,
  dragged: null,
  copy: (copied) => set({ copied }),
  drag: (dragged) => set({ dragged }),
}));
