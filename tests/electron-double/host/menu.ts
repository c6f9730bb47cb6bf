import type { MenuItemConstructorOptions } from 'electron';
import { checkOptions, faceOf, RefusedByDouble, refusingClass, requireValue } from '../refusal.ts';
import { parseAccelerator } from './accelerator.ts';
import { BrowserWindow, type DoubledWindow } from './browser-window.ts';
import { KnownEvents } from './known-events.ts';
import { ROLES } from './menu-roles.ts';

const OPTIONS = [
  'accelerator',
  'checked',
  'click',
  'enabled',
  'icon',
  'id',
  'label',
  'registerAccelerator',
  'role',
  'submenu',
  'sublabel',
  'toolTip',
  'type',
  'visible',
] as const;

const TYPES = ['normal', 'separator', 'submenu', 'checkbox', 'radio'] as const;

let lastCommand = 0;

class DoubledItem {
  readonly id: string | undefined;
  readonly role: string | undefined;
  readonly type: (typeof TYPES)[number];
  readonly submenu: DoubledMenu | undefined;
  readonly commandId = ++lastCommand;
  readonly registerAccelerator: boolean;
  readonly icon: unknown;
  accelerator: string | undefined;
  label: string;
  sublabel: string;
  toolTip: string;
  enabled: boolean;
  visible: boolean;
  private isChecked: boolean;
  menu: DoubledMenu | null = null;
  private readonly onClick: MenuItemConstructorOptions['click'];

  constructor(options: MenuItemConstructorOptions) {
    checkOptions('MenuItem', options, OPTIONS);
    const role = options.role === undefined ? undefined : ROLES[options.role.toLowerCase()];
    if (options.role !== undefined && !role) throw new RefusedByDouble(`menu role ${options.role}`);
    const submenu = options.submenu ?? role?.submenu;
    this.submenu =
      submenu && (submenu instanceof DoubledMenu ? submenu : menuOf([...(submenu as MenuItemConstructorOptions[])]));
    this.type = (options.type as DoubledItem['type']) ?? (this.submenu ? 'submenu' : 'normal');
    requireValue('MenuItem.type', this.type, TYPES);
    this.id = options.id;
    this.role = options.role?.toLowerCase();
    this.label = options.label ?? role?.label ?? '';
    this.accelerator = (options.accelerator as string | undefined) ?? role?.accelerator;
    if (this.accelerator) parseAccelerator(this.accelerator);
    this.sublabel = options.sublabel ?? '';
    this.toolTip = options.toolTip ?? '';
    this.enabled = options.enabled ?? true;
    this.visible = options.visible ?? true;
    this.isChecked = options.checked ?? false;
    this.registerAccelerator = options.registerAccelerator ?? true;
    this.icon = options.icon;
    this.onClick = options.click;
  }

  get checked(): boolean {
    return this.isChecked;
  }

  /** Checking a radio item takes the check from its neighbours. */
  set checked(checked: boolean) {
    if (this.type === 'radio') this.menu?.choose(this.commandId);
    else this.isChecked = checked;
  }

  /** Of a radio item, when another of its group is chosen or it is. */
  becomeChosen(chosen: boolean): void {
    this.isChecked = chosen;
  }

  /** As a click of the user, or its key: a disabled item does nothing. */
  click(event: object = {}, window: object | null = BrowserWindow.getFocusedWindow()): void {
    if (!this.enabled) return;
    if (this.type === 'checkbox') this.checked = !this.checked;
    if (this.type === 'radio') this.checked = true;
    const target = window as DoubledWindow | null;
    const role = this.role === undefined ? undefined : ROLES[this.role];
    if (role) role.run?.(target);
    else this.onClick?.(this as never, target as never, event as never);
  }
}

class DoubledMenu extends KnownEvents {
  readonly items: DoubledItem[] = [];

  constructor() {
    super('Menu', ['menu-will-show', 'menu-will-close']);
  }

  append(item: DoubledItem): void {
    this.insert(this.items.length, item);
  }

  insert(at: number, item: DoubledItem): void {
    item.menu = this;
    this.items.splice(at, 0, item);
  }

  getMenuItemById(id: string): DoubledItem | null {
    for (const item of this.items) {
      if (item.id === id) return item;
      const found = item.submenu?.getMenuItemById(id);
      if (found) return found;
    }
    return null;
  }

  /** Context menus open and are chosen from by a test's click on an item. */
  popup(_options: object = {}): void {
    this.emit('menu-will-show', {});
  }

  closePopup(): void {
    this.emit('menu-will-close', {});
  }

  /** A radio group ends at any item of another kind. */
  choose(commandId: number): void {
    const at = this.items.findIndex((item) => item.commandId === commandId);
    const isOther = (item: DoubledItem): boolean => item.type !== 'radio';
    const start = this.items.slice(0, at).findLastIndex(isOther) + 1;
    const after = this.items.slice(at).findIndex(isOther);
    const group = this.items.slice(start, after < 0 ? undefined : at + after);
    for (const item of group) item.becomeChosen(item.commandId === commandId);
  }

  static buildFromTemplate = (template: readonly MenuItemConstructorOptions[]): DoubledMenu => menuOf(template);
  static setApplicationMenu = (menu: DoubledMenu | null): void => {
    applicationMenu = menu;
  };
  static getApplicationMenu = (): DoubledMenu | null => applicationMenu;
  /** macOS alone has it. */
  static sendActionToFirstResponder = (action: string): never => {
    throw new RefusedByDouble(`Menu.sendActionToFirstResponder(${action})`);
  };
}

let applicationMenu: DoubledMenu | null = null;

function menuOf(template: readonly MenuItemConstructorOptions[]): DoubledMenu {
  const menu = faceOf('Menu', new DoubledMenu());
  for (const options of template) menu.append(faceOf('MenuItem', new DoubledItem(options)));
  return menu;
}

export const Menu = refusingClass('Menu', DoubledMenu);
export const MenuItem = refusingClass('MenuItem', DoubledItem);
export type Menu = DoubledMenu;
export type MenuItem = DoubledItem;
