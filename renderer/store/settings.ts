import { create } from 'zustand';

interface Settings {
  /** Show what a save will do before every save, not only before those that do more than a small patch. */
  readonly alwaysPlan: boolean;
  setAlwaysPlan(alwaysPlan: boolean): void;
}

const ALWAYS_PLAN = 'parascope.always-plan';

/** What the window remembers of its user's wishes. */
export const useSettings = create<Settings>()((set) => ({
  alwaysPlan: window.localStorage.getItem(ALWAYS_PLAN) === 'true',
  setAlwaysPlan: (alwaysPlan) => {
    window.localStorage.setItem(ALWAYS_PLAN, String(alwaysPlan));
    set({ alwaysPlan });
  },
}));
