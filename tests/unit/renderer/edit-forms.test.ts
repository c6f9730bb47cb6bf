import { describe, expect, test } from 'vitest';
import { commandLineOf } from '../../../renderer/dialogs/command-line.ts';
import { shapeEdit } from '../../../renderer/dialogs/shape-edits.ts';

const fields = (values: Record<string, string>) => (name: string) => values[name] ?? '';

describe('the fields of a change of shape', () => {
  test('become the edit', () => {
    expect(shapeEdit('reshape', 'w', fields({ shape: '2, -1' }))).toEqual({
      kind: 'reshape',
      name: 'w',
      shape: [2, -1],
    });
    expect(shapeEdit('transpose', 'w', fields({ axes: '' }))).toEqual({ kind: 'transpose', name: 'w' });
    expect(shapeEdit('slice', 'w', fields({ slice: '0:2', to: 'x' }))).toMatchObject({ slice: '0:2', to: 'x' });
    expect(shapeEdit('split', 'w', fields({ axis: '0', sizes: '2, 3' }))).toMatchObject({ names: ['w.0', 'w.1'] });
  });

  test('are refused with what is wrong', () => {
    expect(() => shapeEdit('reshape', 'w', fields({ shape: '2.5' }))).toThrow(/whole number/);
    expect(() => shapeEdit('split', 'w', fields({ axis: '0', sizes: '2, 3', names: 'a' }))).toThrow(
      /2 sizes and 1 name/,
    );
    expect(() => shapeEdit('split', 'w', fields({ axis: '', sizes: '2' }))).toThrow(/axis/);
  });
});

describe('edits as a command line', () => {
  const names = { file: 'm.safetensors', script: 'm.json' };

  test('are operations where those say it, quoted for the shell', () => {
    const line = commandLineOf(
      [
        { kind: 'fill', select: ["it's"], value: '0' },
        { kind: 'delete', select: 'a' },
      ],
      names,
    );
    expect(line).toBe("parascope edit m.safetensors -o edited-m.safetensors --fill 'it'\\''s=0' --delete a");
  });

  test('are the script where an operation would not say the same', () => {
    expect(commandLineOf([{ kind: 'rename', from: 'a=b', to: 'c' }], names)).toMatch(/--script m\.json$/);
  });
});
