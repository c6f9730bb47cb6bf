import { expect, test } from 'vitest';
import { pressed } from '../../electron-double/host/accelerator.ts';
import { AddressMap } from '../../electron-double/host/address-map.ts';
import { Menu } from '../../electron-double/host/menu.ts';

test('addresses of a scheme have their own origin in the page and come back as they were', () => {
  const map = new AddressMap();
  map.port = 4000;
  const address = 'parascope://app/bytes/cells/1?ranges=0:1:1#x';
  expect(map.toPage(address)).toBe('http://app.parascope.localhost:4000/bytes/cells/1?ranges=0:1:1#x');
  expect(map.fromPage(map.toPage(address))).toBe(address);
  expect(map.toPage('parascope://gpu/')).not.toContain('app.');
  for (const foreign of ['https://example.org/', 'about:blank', 'http://app.parascope.localhost:4001/', 'nonsense']) {
    expect(map.fromPage(foreign)).toBe(foreign);
  }
});

const press = (key: string, held: Partial<Record<'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey', boolean>>) => ({
  key,
  code: '',
  ctrlKey: false,
  shiftKey: false,
  altKey: false,
  metaKey: false,
  ...held,
});

test('a left-over key clicks the one enabled item that has it', () => {
  const clicked: string[] = [];
  const item = (label: string, accelerator: string, enabled = true) => ({
    label,
    accelerator,
    enabled,
    click: () => clicked.push(label),
  });
  const menu = Menu.buildFromTemplate([
    { label: 'File', submenu: [item('Save', 'Ctrl+S'), item('Save As', 'Ctrl+Shift+S'), item('Off', 'Ctrl+O', false)] },
    { label: 'View', submenu: [item('Larger', 'Ctrl+Plus'), item('Full', 'F11')] },
  ]);
  pressed(press('s', { ctrlKey: true }), menu, {});
  pressed(press('S', { ctrlKey: true, shiftKey: true }), menu, {});
  pressed(press('o', { ctrlKey: true }), menu, {});
  pressed(press('+', { ctrlKey: true, shiftKey: true }), menu, {});
  pressed(press('F11', {}), menu, {});
  pressed(press('s', { ctrlKey: true, altKey: true }), menu, {});
  expect(clicked).toEqual(['Save', 'Save As', 'Larger', 'Full']);
});

test('radio items of one group exclude each other, and a separator ends the group', () => {
  const radio = (label: string, checked = false) => ({ label, type: 'radio' as const, checked });
  const menu = Menu.buildFromTemplate([
    radio('a', true),
    radio('b'),
    { type: 'separator' },
    radio('c', true),
    radio('d'),
  ]);
  const checked = (): string[] => menu.items.filter((entry) => entry.checked).map((entry) => entry.label);
  menu.items[1]?.click();
  expect(checked()).toEqual(['b', 'c']);
  const last = menu.items[4];
  if (last) last.checked = true;
  expect(checked()).toEqual(['b', 'd']);
});
