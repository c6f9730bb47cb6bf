import { create } from 'zustand';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

interface ThemeState {
  readonly theme: Theme;
  setTheme(theme: Theme): void;
}

const KEY = 'parascope.theme';

export const useTheme = create<ThemeState>()((set) => ({
  theme: THEMES.find((theme) => theme === window.localStorage.getItem(KEY)) ?? 'system',
  setTheme: (theme) => {
    window.localStorage.setItem(KEY, theme);
    set({ theme });
  },
}));

/** Keeps `data-theme` of the page in step with the choice and with the system's own setting. */
export function startTheme(): void {
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const apply = (): void => {
    const { theme } = useTheme.getState();
    document.documentElement.dataset.theme = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  };
  apply();
  dark.addEventListener('change', apply);
  useTheme.subscribe(apply);
}
