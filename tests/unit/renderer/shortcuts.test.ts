import { expect, test } from 'vitest';
import { type Command, commandOf } from '../../../renderer/keyboard/shortcuts.ts';

const command = (keys: string, inText: boolean): Command | null => {
  const parts = keys.split('+');
  return commandOf(
    {
      key: parts.at(-1)!,
      ctrlKey: parts.includes('Ctrl'),
      metaKey: parts.includes('Meta'),
      shiftKey: parts.includes('Shift'),
      altKey: parts.includes('Alt'),
    },
    inText,
  );
};

test.each<[string, Command | null]>([
  ['Ctrl+z', 'undo'],
  ['Meta+z', 'undo'],
  ['Ctrl+Shift+Z', 'redo'],
  ['Ctrl+y', 'redo'],
  ['Ctrl+s', 'save'],
  ['Ctrl+Shift+S', 'save-as'],
  ['Ctrl+o', 'open'],
  ['Ctrl+f', 'filter'],
  ['Ctrl+Alt+s', null],
  ['z', null],
  ['Ctrl+q', null],
])('%s', (keys, expected) => {
  expect(command(keys, false)).toBe(expected);
});

test('a text box keeps its own undo, but saves the document', () => {
  expect(command('Ctrl+z', true)).toBeNull();
  expect(command('Ctrl+Shift+z', true)).toBeNull();
  expect(command('Ctrl+y', true)).toBeNull();
  expect(command('Ctrl+s', true)).toBe('save');
});
