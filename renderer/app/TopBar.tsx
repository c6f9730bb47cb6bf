import { chooseAndOpen } from '../actions/open.ts';
import { useConnection } from '../store/connection.ts';
import { useDocuments } from '../store/documents.ts';
import { THEMES, type Theme, useTheme } from '../theme/theme.ts';
import { Icon, type IconName } from '../ui/Icon.tsx';
import { DocumentTabs } from './DocumentTabs.tsx';

export function TopBar() {
  const activate = useDocuments((state) => state.activate);
  return (
    <header className="top-bar">
      <button type="button" className="wordmark" onClick={() => activate(null)} aria-label="Parascope: welcome page">
        <Logo />
        <span>Parascope</span>
      </button>
      <DocumentTabs />
      <span className="spacer" />
      <ConnectionBadge />
      <button type="button" onClick={() => void chooseAndOpen()}>
        <Icon name="open" />
        Open…
      </button>
      <ThemeSwitch />
    </header>
  );
}

function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" width="22" height="22" aria-hidden="true" focusable="false">
      <circle cx="16" cy="16" r="9" />
      <path d="M16 3v6M16 23v6M3 16h6M23 16h6" />
      <rect x="13" y="13" width="6" height="6" rx="1" />
    </svg>
  );
}

const THEME_ICONS: Readonly<Record<Theme, IconName>> = { system: 'system', light: 'sun', dark: 'moon' };

function ThemeSwitch() {
  const { theme, setTheme } = useTheme();
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`Theme: ${theme}. Switch to ${next}.`}
      title={`Theme: ${theme}`}
      onClick={() => setTheme(next)}
    >
      <Icon name={THEME_ICONS[theme]} />
    </button>
  );
}

function ConnectionBadge() {
  const state = useConnection((connection) => connection.state);
  if (state !== 'lost' && state !== 'refused') return null;
  return (
    <span role="alert" className="connection-lost">
      <Icon name="warning" />
      {state === 'lost'
        ? 'Connection lost. Trying again…'
        : 'The server was started anew: open the address it printed.'}
    </span>
  );
}
