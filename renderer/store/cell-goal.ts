import { create } from 'zustand';
import { useDocuments } from './documents.ts';
import { showTensor } from './selection.ts';
import { useView } from './view.ts';

/** An element that somebody wants to see in Cells. */
export interface CellGoal {
  readonly document: string;
  readonly tensor: number;
  /** One index per axis. */
  readonly coordinates: readonly number[];
}

interface CellGoals {
  readonly goal: CellGoal | null;
  set(goal: CellGoal): void;
  /** It was gone to. */
  reached(): void;
}

export const useCellGoal = create<CellGoals>()((set) => ({
  goal: null,
  set: (goal) => set({ goal }),
  reached: () => set({ goal: null }),
}));

/** Shows the tensor's cells, and the one that is meant among them. */
export function showInCells(goal: CellGoal): void {
  useCellGoal.getState().set(goal);
  showTensor(goal.document, goal.tensor);
  useView.getState().setView('Cells');
  useDocuments.getState().activate(goal.document);
}
