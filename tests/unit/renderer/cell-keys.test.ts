import { expect, test } from 'vitest';
import { type CellCommand, cellCommand, parsePlace } from '../../../renderer/tensor/cell-keys.ts';

const press = (keys: string, row: number, column: number): CellCommand | null => {
  const parts = keys.split('+');
  const event = {
    key: parts.at(-1)!,
    ctrlKey: parts.includes('Ctrl'),
    shiftKey: parts.includes('Shift'),
    altKey: parts.includes('Alt'),
    metaKey: false,
  };
  return cellCommand(event, { at: { row, column }, rows: 100, columns: 50, page: { rows: 11, columns: 6 } });
};
const move = (row: number, column: number, extend = false): CellCommand => ({
  kind: 'move',
  to: { row, column },
  extend,
});

test.each<[string, number, number, CellCommand | null]>([
  ['ArrowDown', 0, 0, move(1, 0)],
  ['ArrowDown', 99, 0, move(99, 0)],
  ['ArrowLeft', 5, 0, move(5, 0)],
  ['Shift+ArrowRight', 5, 5, move(5, 6, true)],
  ['Ctrl+ArrowRight', 5, 5, move(5, 49)],
  ['Ctrl+ArrowUp', 5, 5, move(0, 5)],
  ['PageDown', 5, 5, move(15, 5)],
  ['PageUp', 5, 5, move(0, 5)],
  ['Alt+PageDown', 5, 5, move(5, 10)],
  ['Home', 5, 5, move(5, 0)],
  ['End', 5, 5, move(5, 49)],
  ['Ctrl+Home', 5, 5, move(0, 0)],
  ['Ctrl+End', 5, 5, move(99, 49)],
  ['Ctrl+Shift+End', 5, 5, move(99, 49, true)],
  ['Ctrl+a', 5, 5, { kind: 'select-all' }],
  ['Ctrl+z', 5, 5, null],
  ['Ctrl+c', 5, 5, null],
  ['Enter', 5, 5, { kind: 'edit', text: null }],
  ['F2', 5, 5, { kind: 'edit', text: null }],
  ['7', 5, 5, { kind: 'edit', text: '7' }],
  ['-', 5, 5, { kind: 'edit', text: '-' }],
  ['n', 5, 5, { kind: 'edit', text: 'n' }],
  ['q', 5, 5, null],
  ['Tab', 5, 5, null],
])('%s at %i, %i', (keys, row, column, command) => {
  expect(press(keys, row, column)).toEqual(command);
});

test.each([
  ['12, 34', { row: 12, column: 34 }],
  ['[12, 34]', { row: 12, column: 34 }],
  ['12 34', { row: 12, column: 34 }],
  ['7', { row: 7, column: 0 }],
  ['-1, -1', { row: 99, column: 49 }],
])('"%s" leads to %j', (text, place) => {
  expect(parsePlace(text, 100, 50)).toEqual(place);
});

test.each([
  ['', 'Write a row and a column'],
  ['a, b', 'Write a row and a column'],
  ['1, 2, 3', 'Write a row and a column'],
  ['1.5', 'Write a row and a column'],
  ['100', 'Row 100 is outside 0 to 99'],
  ['0, 50', 'Column 50 is outside 0 to 49'],
  ['-101', 'Row -101 is outside 0 to 99'],
])('"%s" leads nowhere, and says why', (text, problem) => {
  expect(parsePlace(text, 100, 50)).toContain(problem);
});
