import type { MenuItemConstructorOptions } from 'electron';
import type { ShellCommand, ShellState } from '../../../core/api/shell.ts';
import { isChecked, isEnabled } from './commands.ts';

export interface RecentItem {
  readonly path: string;
  /** What the item shows: the name and the folder. */
  readonly label: string;
}

export interface MenuActions {
  readonly command: (command: ShellCommand) => void;
  readonly openRecent: (path: string) => void;
  readonly clearRecent: () => void;
}

export interface MenuContext {
  readonly platform: NodeJS.Platform;
  readonly state: ShellState;
  readonly recent: readonly RecentItem[];
  readonly actions: MenuActions;
}

const SEPARATOR: MenuItemConstructorOptions = { type: 'separator' };

/**
 * The application menu. Each command's item has the command as its id. The page has the same keys for
 * some of them; a key that it takes never reaches the menu.
 */
export function menuTemplate(context: MenuContext): MenuItemConstructorOptions[] {
  const mac = context.platform === 'darwin';
  return [
    ...(mac ? [applicationMenu(context)] : []),
    fileMenu(context, mac),
    editMenu(context),
    viewMenu(context),
    windowMenu(mac),
    helpMenu(context, mac),
  ];
}

function applicationMenu(context: MenuContext): MenuItemConstructorOptions {
  return {
    label: 'Parascope',
    submenu: [
      item(context, 'about', 'About Parascope'),
      SEPARATOR,
      { role: 'services' },
      SEPARATOR,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      SEPARATOR,
      { role: 'quit' },
    ],
  };
}

function fileMenu(context: MenuContext, mac: boolean): MenuItemConstructorOptions {
  return {
    label: '&File',
    submenu: [
      item(context, 'open', 'Open…', 'CmdOrCtrl+O'),
      recentMenu(context),
      SEPARATOR,
      item(context, 'save', 'Save', 'CmdOrCtrl+S'),
      item(context, 'save-as', 'Save As…', 'CmdOrCtrl+Shift+S'),
      SEPARATOR,
      item(context, 'compare', 'Compare With…', 'CmdOrCtrl+D'),
      SEPARATOR,
      item(context, 'close', 'Close', 'CmdOrCtrl+W'),
      ...(mac ? [] : [SEPARATOR, { role: 'quit' } as const]),
    ],
  };
}

function recentMenu({ recent, actions }: MenuContext): MenuItemConstructorOptions {
  const files = recent.map(
    ({ path, label }): MenuItemConstructorOptions => ({
      label: withoutMnemonic(label),
      click: () => actions.openRecent(path),
    }),
  );
  return {
    id: 'recent',
    label: 'Open Recent',
    submenu: [
      ...(files.length > 0 ? files : [{ label: 'No recent files', enabled: false }]),
      SEPARATOR,
      { id: 'clear-recent', label: 'Clear', enabled: files.length > 0, click: () => actions.clearRecent() },
    ],
  };
}

function editMenu(context: MenuContext): MenuItemConstructorOptions {
  return {
    label: '&Edit',
    submenu: [
      item(context, 'undo', 'Undo', 'CmdOrCtrl+Z'),
      item(context, 'redo', 'Redo', context.platform === 'win32' ? 'Ctrl+Y' : 'CmdOrCtrl+Shift+Z'),
      SEPARATOR,
      { role: 'cut' },
      { role: 'copy' },
      { role: 'paste' },
      { role: 'selectAll' },
      SEPARATOR,
      item(context, 'filter', 'Filter Tensors', 'CmdOrCtrl+F'),
    ],
  };
}

function viewMenu(context: MenuContext): MenuItemConstructorOptions {
  return {
    label: '&View',
    submenu: [
      choice(context, 'view-overview', 'Overview', 'CmdOrCtrl+1'),
      choice(context, 'view-heatmap', 'Heatmap', 'CmdOrCtrl+2'),
      choice(context, 'view-cells', 'Cells', 'CmdOrCtrl+3'),
      choice(context, 'view-spectrum', 'Spectrum', 'CmdOrCtrl+4'),
      SEPARATOR,
      {
        label: 'Theme',
        submenu: [
          choice(context, 'theme-system', 'System'),
          choice(context, 'theme-light', 'Light'),
          choice(context, 'theme-dark', 'Dark'),
        ],
      },
      SEPARATOR,
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      SEPARATOR,
      { role: 'togglefullscreen' },
    ],
  };
}

function windowMenu(mac: boolean): MenuItemConstructorOptions {
  // Elsewhere the role `zoom` does nothing: the frame has a button for it.
  const more: MenuItemConstructorOptions[] = mac ? [{ role: 'zoom' }, SEPARATOR, { role: 'front' }] : [];
  return {
    label: '&Window',
    ...(mac ? { role: 'window' as const } : {}),
    submenu: [{ role: 'minimize' }, ...more],
  };
}

function helpMenu(context: MenuContext, mac: boolean): MenuItemConstructorOptions {
  return {
    label: '&Help',
    ...(mac ? { role: 'help' as const } : {}),
    submenu: [
      item(context, 'documentation', 'Documentation'),
      item(context, 'licences', 'Licences'),
      ...(mac ? [] : [SEPARATOR, item(context, 'about', 'About Parascope')]),
    ],
  };
}

function item(
  { state, actions }: MenuContext,
  command: ShellCommand,
  ...[label, accelerator]: [label: string, accelerator?: string]
): MenuItemConstructorOptions {
  return {
    id: command,
    label,
    ...(accelerator === undefined ? {} : { accelerator }),
    enabled: isEnabled(command, state),
    click: () => actions.command(command),
  };
}

function choice(
  context: MenuContext,
  command: ShellCommand,
  ...labels: [label: string, accelerator?: string]
): MenuItemConstructorOptions {
  return { ...item(context, command, ...labels), type: 'radio', checked: isChecked(command, context.state) };
}

/** In a label `&` marks the next letter as the item's key. */
function withoutMnemonic(label: string): string {
  return label.replaceAll('&', '&&');
}
