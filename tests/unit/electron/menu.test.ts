import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { SHELL_COMMANDS, type ShellCommand, type ShellState, shellStateSchema } from '../../../core/api/shell.ts';
import { INITIAL_STATE, isChecked, isEnabled } from '../../../electron/main/menu/commands.ts';
import { menuTemplate } from '../../../electron/main/menu/template.ts';

const OPEN: ShellState = { ...INITIAL_STATE, tab: true, document: { undo: true, redo: false }, view: 'heatmap' };

function template(platform: NodeJS.Platform, recent = [{ path: '/w/a&b.safetensors', label: 'a&b.safetensors – /w' }]) {
  const actions = { command: vi.fn(), openRecent: vi.fn(), clearRecent: vi.fn() };
  const menu = menuTemplate({ platform, state: OPEN, recent, actions });
  return { actions, menu, items: menu.flatMap(below) };
}

function below(item: MenuItemConstructorOptions): MenuItemConstructorOptions[] {
  return [item, ...(Array.isArray(item.submenu) ? item.submenu.flatMap(below) : [])];
}

function press(item: MenuItemConstructorOptions | undefined): void {
  const click = item?.click as (() => void) | undefined;
  if (!click) throw new Error('There is no such item.');
  click();
}

const PLATFORMS = ['linux', 'win32', 'darwin'] as const;

describe('the menu', () => {
  it.each(PLATFORMS)('on %s has one item for each command, which sends it', (platform) => {
    const { items, actions } = template(platform);
    for (const command of SHELL_COMMANDS) press(items.filter(({ id }) => id === command)[0]);
    expect(actions.command.mock.calls.flat()).toEqual(SHELL_COMMANDS);
    expect(items.filter(({ id }) => id !== undefined && SHELL_COMMANDS.includes(id as ShellCommand))).toHaveLength(
      SHELL_COMMANDS.length,
    );
  });

  it.each(PLATFORMS)('on %s gives no key to two items', (platform) => {
    const keys = template(platform).items.flatMap(({ accelerator }) => (accelerator ? [accelerator] : []));
    expect(keys).toContain('CmdOrCtrl+O');
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('has the roles that a Mac wants, and only there', () => {
    const roles = (platform: NodeJS.Platform) => template(platform).items.map(({ role }) => role);
    expect(roles('darwin')).toEqual(expect.arrayContaining(['services', 'hide', 'window', 'front', 'help', 'quit']));
    expect(roles('linux')).toEqual(expect.arrayContaining(['cut', 'copy', 'paste', 'togglefullscreen', 'quit']));
    expect(roles('linux')).not.toContain('services');
    expect(template('darwin').menu[0]?.label).toBe('Parascope');
  });

  it('offers no way to the developer tools and no reload', () => {
    const roles = template('linux').items.map(({ role }) => role);
    for (const role of ['toggleDevTools', 'reload', 'forceReload'] as const) expect(roles).not.toContain(role);
  });

  it('lists recent files, with an ampersand as itself', () => {
    const { items, actions } = template('linux');
    press(items.find(({ label }) => label === 'a&&b.safetensors – /w'));
    expect(actions.openRecent).toHaveBeenCalledWith('/w/a&b.safetensors');
    press(items.find(({ id }) => id === 'clear-recent'));
    expect(actions.clearRecent).toHaveBeenCalledOnce();
  });

  it('says that there are none', () => {
    const { items } = template('linux', []);
    expect(items.find(({ label }) => label === 'No recent files')?.enabled).toBe(false);
    expect(items.find(({ id }) => id === 'clear-recent')?.enabled).toBe(false);
  });
});

describe('isEnabled', () => {
  it.each<[ShellCommand, Partial<ShellState>, boolean]>([
    ['open', {}, true],
    ['open', { modal: true }, false],
    ['save', {}, true],
    ['save', { document: null }, false],
    ['save', { modal: true }, false],
    ['save-as', { document: null }, false],
    ['close', { document: null }, true],
    ['undo', {}, true],
    ['undo', { document: { undo: false, redo: true } }, false],
    ['undo', { modal: true }, false],
    ['undo', { document: null, modal: true, editingText: true }, true],
    ['redo', {}, false],
    ['redo', { document: { undo: false, redo: true } }, true],
    ['view-cells', {}, true],
    ['view-cells', { view: null }, false],
    ['view-spectrum', {}, true],
    ['theme-dark', { modal: true }, true],
    ['about', {}, true],
  ])('of %s with %j is %s', (command, change, expected) => {
    expect(isEnabled(command, { ...OPEN, ...change })).toBe(expected);
  });

  it('checks the view and the theme that are in use', () => {
    expect(SHELL_COMMANDS.filter((command) => isChecked(command, OPEN))).toEqual(['view-heatmap', 'theme-system']);
  });
});

describe('what the page says of itself', () => {
  it.each([
    ['nothing', undefined],
    ['another theme', { ...OPEN, theme: 'pink' }],
    ['more than it should', { ...OPEN, path: '/etc/passwd' }],
    ['less', { theme: 'dark' }],
  ])('is refused where it is %s', (_case, state) => {
    expect(shellStateSchema.safeParse(state).success).toBe(false);
  });

  it('is taken where it is whole', () => {
    expect(shellStateSchema.parse(OPEN)).toEqual(OPEN);
  });
});
