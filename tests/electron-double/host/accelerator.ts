import type { KeyPress } from '../messages.ts';
import { RefusedByDouble } from '../refusal.ts';
import type { Menu, MenuItem } from './menu.ts';

const MODIFIERS: Readonly<Record<string, 'control' | 'meta' | 'alt' | 'shift'>> = {
  cmdorctrl: process.platform === 'darwin' ? 'meta' : 'control',
  commandorcontrol: process.platform === 'darwin' ? 'meta' : 'control',
  ctrl: 'control',
  control: 'control',
  cmd: 'meta',
  command: 'meta',
  meta: 'meta',
  super: 'meta',
  alt: 'alt',
  option: 'alt',
  shift: 'shift',
};

const KEYS: Readonly<Record<string, readonly string[]>> = {
  plus: ['+', '='],
  space: [' '],
  esc: ['escape'],
  return: ['enter'],
  up: ['arrowup'],
  down: ['arrowdown'],
  left: ['arrowleft'],
  right: ['arrowright'],
};

export interface Keys {
  readonly modifiers: ReadonlySet<string>;
  readonly keys: readonly string[];
}

/** `CmdOrCtrl+Shift+S`; throws on words that Electron does not know, either. */
export function parseAccelerator(text: string): Keys {
  const words = text.split(/\+(?=.)/).map((word) => word.toLowerCase());
  const key = words.pop() ?? '';
  const modifiers = words.map((word) => {
    const modifier = MODIFIERS[word];
    if (!modifier) throw new RefusedByDouble(`modifier ${word} of the accelerator ${text}`);
    return modifier;
  });
  const known = key.length === 1 || /^f([1-9]|1\d|2[0-4])$/.test(key) || key in KEYS;
  const named = ['tab', 'backspace', 'delete', 'insert', 'enter', 'escape', 'home', 'end', 'pageup', 'pagedown'];
  if (!known && !named.includes(key)) throw new RefusedByDouble(`key ${key} of the accelerator ${text}`);
  return { modifiers: new Set(modifiers), keys: KEYS[key] ?? [key] };
}

function matches({ modifiers, keys }: Keys, press: KeyPress): boolean {
  const held = { control: press.ctrlKey, meta: press.metaKey, alt: press.altKey, shift: press.shiftKey };
  const names = Object.entries(held).flatMap(([name, down]) => (down ? [name] : []));
  // A plus is typed with Shift on many keyboards, and asked for without it.
  const wanted = keys.includes('+') ? names.filter((name) => name !== 'shift') : names;
  return (
    keys.includes(press.key.toLowerCase()) &&
    wanted.length === modifiers.size &&
    wanted.every((name) => modifiers.has(name))
  );
}

/** Clicks the item whose accelerator was pressed and left over by the page. */
export function pressed(press: KeyPress, menu: Menu | null, window: object): void {
  const item = menu && itemsOf(menu).find((candidate) => isFor(candidate, press));
  item?.click({}, window);
}

function isFor(item: MenuItem, press: KeyPress): boolean {
  return (
    item.accelerator !== undefined && item.enabled && item.visible && matches(parseAccelerator(item.accelerator), press)
  );
}

export function itemsOf(menu: Menu): MenuItem[] {
  return menu.items.flatMap((item) => [item, ...(item.submenu ? itemsOf(item.submenu) : [])]);
}
