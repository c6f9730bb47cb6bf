import { describe, expect, test } from 'vitest';
import { InvalidArgumentError, NotFoundError, UnsupportedDTypeError } from '../../../core/errors.ts';
import type { Edit } from '../../../core/workspace/edits.ts';
import { float32, namesOf, openSmall } from './support.ts';

describe('an edit that cannot be done changes nothing and says why', () => {
  const cases: [edit: Edit, type: new (message: string) => Error, message: string | RegExp][] = [
    [
      { kind: 'rename', from: 'layer.0.wieght', to: 'a' },
      NotFoundError,
      "There is no tensor named 'layer.0.wieght'. Did you mean 'layer.0.weight'?",
    ],
    [{ kind: 'rename', from: 'mask', to: 'steps' }, InvalidArgumentError, /there is a tensor of that name/],
    [{ kind: 'rename', from: 'mask', to: '' }, InvalidArgumentError, /empty name/],
    [{ kind: 'rename', from: 'mask', to: 'mask' }, InvalidArgumentError, /already has that name/],
    [{ kind: 'rename', from: 'mask', to: '__metadata__' }, InvalidArgumentError, /keeps its metadata under that name/],
    [{ kind: 'rename', from: 'mask', to: '\ud800' }, InvalidArgumentError, /surrogate pair/],
    [{ kind: 'rename-pattern', pattern: 'nothing', replacement: 'x' }, InvalidArgumentError, /changes none of the 4/],
    [{ kind: 'rename-pattern', pattern: '(', replacement: 'x' }, InvalidArgumentError, /is no regular expression/],
    [
      { kind: 'rename-pattern', pattern: 'weight|bias', replacement: 'both' },
      InvalidArgumentError,
      "'layer.0.weight' would get that name too",
    ],
    [{ kind: 'delete', select: 'decoder.*' }, NotFoundError, /matches none of the 4 tensors/],
    [{ kind: 'delete', select: ['mask', 'nobody'] }, NotFoundError, /no tensor named 'nobody'/],
    [{ kind: 'keep', select: '?' }, NotFoundError, /matches none/],
    [{ kind: 'cast', select: '*', dtype: 'f6_e2m3' }, UnsupportedDTypeError, /Casting to f6_e2m3 is not supported/],
    [{ kind: 'fill', select: '*', value: 'many' }, InvalidArgumentError, /Tensor 'layer.0.weight' \(float32\)/],
    [{ kind: 'set', name: 'mask', slice: '9', values: ['1'] }, InvalidArgumentError, /out of bounds/],
    [
      { kind: 'set', name: 'layer.0.weight', slice: '', values: ['1', '2', '3', '4'] },
      InvalidArgumentError,
      'expected 1 or 6 values, got 4',
    ],
    [
      { kind: 'set', name: 'layer.0.weight', slice: '0,0', values: ['1', '2'] },
      InvalidArgumentError,
      'expected 1 value, got 2',
    ],
    [{ kind: 'set', name: 'layer.0.weight', slice: '0:0', values: ['1'] }, InvalidArgumentError, /selects no element/],
    [
      { kind: 'set', name: 'steps', slice: '', values: ['9223372036854775808'] },
      InvalidArgumentError,
      /'steps' \(int64\)/,
    ],
    [{ kind: 'metadata', key: 'licence', value: null }, NotFoundError, "The metadata has no key 'licence'."],
  ];

  test.each(cases)('%j', async (edit, type, message) => {
    const { document } = await openSmall();
    const before = { summary: document.summary(), listing: document.listing(), history: document.history() };
    const failure = await document.edit(edit).then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(type);
    if (typeof message === 'string') expect((failure as Error).message).toContain(message);
    else expect((failure as Error).message).toMatch(message);
    expect({ summary: document.summary(), listing: document.listing(), history: document.history() }).toEqual(before);
  });

  test('packed tensors want a cast before their elements change', async () => {
    const { document } = await openSmall([
      { name: 'packed', dtype: 'F4', shape: [4], bytes: Uint8Array.of(0x21, 0x43) },
    ]);
    const refused: Edit[] = [
      { kind: 'fill', select: 'packed', value: '1' },
      { kind: 'scale', select: 'packed', factor: 2 },
      { kind: 'set', name: 'packed', slice: '0', values: ['1'] },
    ];
    for (const edit of refused) await expect(document.edit(edit)).rejects.toThrow(/Cast it first/);
    await document.edit({ kind: 'cast', select: 'packed', dtype: 'float32' });
    await document.edit({ kind: 'set', name: 'packed', slice: '0', values: ['7'] });
    expect(document.summary().undo).toBe('Set packed[0] = 7');
  });

  test('a pattern that backtracks for ever is stopped', async () => {
    const name = `${'a'.repeat(60)}!`;
    const { document } = await openSmall([{ name, dtype: 'F32', shape: [1], bytes: float32(1) }]);
    const edit = document.edit({ kind: 'rename-pattern', pattern: '^(a+)+$', replacement: 'x' });
    await expect(edit).rejects.toThrow(/was stopped after 5 seconds/);
    expect(namesOf(document)).toEqual([name]);
  });
});

describe('edits and their labels', () => {
  test.each<[Edit, string, number]>([
    [{ kind: 'rename', from: 'mask', to: 'gate' }, 'Rename mask to gate', 1],
    [{ kind: 'delete', select: 'layer.*' }, 'Delete 2 tensors', 2],
    [{ kind: 'delete', select: '*' }, 'Delete 4 tensors', 4],
    [{ kind: 'keep', select: 'layer.*' }, 'Keep 2 tensors of 4', 2],
    [{ kind: 'cast', select: '*', dtype: 'float16' }, 'Cast 4 tensors to float16', 4],
    [{ kind: 'fill', select: 'mask', value: 'true' }, 'Fill mask with true', 1],
    [{ kind: 'scale', select: 'layer.0.bias', factor: -0.5 }, 'Scale layer.0.bias by -0.5', 1],
    [{ kind: 'set', name: 'layer.0.weight', slice: '0, 1', values: ['3.5'] }, 'Set layer.0.weight[0, 1] = 3.5', 1],
    [{ kind: 'metadata', key: 'format', value: 'np' }, 'Set metadata format', 0],
    [
      { kind: 'rename-pattern', pattern: '^layer\\.(\\d)', replacement: 'h.$1' },
      'Rename 2 tensors by /^layer\\.(\\d)/ to h.$1',
      2,
    ],
  ])('%j', async (edit, label, tensors) => {
    const { document } = await openSmall();
    await document.edit(edit);
    expect(document.history()).toEqual([{ label, tensors, done: true }]);
    expect(document.summary()).toMatchObject({ undo: label, redo: null, dirty: true });
  });

  test('a literal name wins over its reading as a glob', async () => {
    const { document } = await openSmall([
      { name: 'a*', dtype: 'F32', shape: [1], bytes: float32(1) },
      { name: 'ab', dtype: 'F32', shape: [1], bytes: float32(2) },
    ]);
    await document.edit({ kind: 'delete', select: 'a*' });
    expect(namesOf(document)).toEqual(['ab']);
  });

  test('a pattern may swap names', async () => {
    const { document } = await openSmall([
      { name: 'a.x', dtype: 'F32', shape: [1], bytes: float32(1) },
      { name: 'x.a', dtype: 'F32', shape: [1], bytes: float32(2) },
    ]);
    await document.edit({ kind: 'rename-pattern', pattern: '^(.)\\.(.)$', replacement: '$2.$1' });
    expect(namesOf(document)).toEqual(['x.a', 'a.x']);
    await document.undo();
    expect(namesOf(document)).toEqual(['a.x', 'x.a']);
  });
});

describe('undo and redo', () => {
  test('put every state back, without limit', async () => {
    const { document } = await openSmall();
    const states = [JSON.stringify([document.summary().totals, document.listing()])];
    const edits: Edit[] = [
      { kind: 'cast', select: 'layer.*', dtype: 'bfloat16' },
      { kind: 'rename', from: 'layer.0.weight', to: 'w' },
      { kind: 'delete', select: ['mask', 'steps'] },
      { kind: 'metadata', key: 'author', value: null },
      { kind: 'fill', select: 'w', value: '2' },
    ];
    for (const edit of edits) {
      await document.edit(edit);
      states.push(JSON.stringify([document.summary().totals, document.listing()]));
    }
    for (let i = edits.length - 1; i >= 0; i--) {
      await document.undo();
      expect(JSON.stringify([document.summary().totals, document.listing()])).toBe(states[i]);
    }
    expect(document.summary()).toMatchObject({ dirty: false, undo: null, metadata: { author: 'somebody' } });
    await expect(document.undo()).rejects.toThrow('There is nothing to undo.');
    for (let i = 1; i <= edits.length; i++) {
      await document.redo();
      expect(JSON.stringify([document.summary().totals, document.listing()])).toBe(states[i]);
    }
    await expect(document.redo()).rejects.toThrow('There is nothing to redo.');
  });

  test('a new edit forgets what was undone', async () => {
    const { document } = await openSmall();
    await document.edit({ kind: 'rename', from: 'mask', to: 'a' });
    await document.undo();
    await document.edit({ kind: 'rename', from: 'mask', to: 'b' });
    expect(document.history().map(({ label }) => label)).toEqual(['Rename mask to b']);
    expect(document.summary().redo).toBeNull();
  });

  test('ids survive renames, and a deleted tensor comes back under its own', async () => {
    const { document } = await openSmall();
    const id = document.idOf('mask');
    await document.edit({ kind: 'rename', from: 'mask', to: 'gate' });
    expect(document.idOf('gate')).toBe(id);
    await document.edit({ kind: 'delete', select: 'gate' });
    await expect(document.detail(id)).rejects.toThrow(/is deleted; undo brings it back/);
    await document.undo();
    expect((await document.detail(id)).name).toBe('gate');
  });

  test('the listing revision rises with names, dtypes and tensors, not with values', async () => {
    const { document } = await openSmall();
    const revision = (): number => document.summary().listingRevision;
    const start = revision();
    await document.edit({ kind: 'fill', select: 'mask', value: '0' });
    await document.edit({ kind: 'metadata', key: 'a', value: 'b' });
    expect(revision()).toBe(start);
    await document.edit({ kind: 'rename', from: 'mask', to: 'gate' });
    expect(revision()).toBe(start + 1);
    await document.edit({ kind: 'cast', select: 'gate', dtype: 'uint8' });
    await document.undo();
    expect(revision()).toBe(start + 3);
  });
});
