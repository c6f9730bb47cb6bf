import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EditInput } from '../../../core/workspace/edits.ts';
import { parseScript } from '../../../core/workspace/script-files.ts';
import { float32Values, namesOf, openSmall, openWorkspace } from './support.ts';

const W = 'layer.0.weight';
const B = 'layer.0.bias';

function selecting(query: string, ...edits: Extract<EditInput, { kind: 'select' }>['edits']): EditInput {
  return { kind: 'select', query, edits };
}

describe('edits of what a query finds', () => {
  test('are one step, of the tensors that were found before the first of them', async () => {
    const { document, workspace } = await openSmall();
    await document.edit(
      selecting(
        'dtype:f32 layer',
        { kind: 'scale', select: '*', factor: 2 },
        { kind: 'rename-pattern', pattern: '^layer', replacement: 'enc' },
        { kind: 'cast', select: '*.weight', dtype: 'float64' },
        { kind: 'fill', select: '*', value: '1' },
      ),
    );
    expect(document.history()).toEqual([{ label: '4 edits where dtype:f32 layer', tensors: 2, done: true }]);
    expect(namesOf(document)).toEqual(['enc.0.weight', 'enc.0.bias', 'steps', 'mask']);
    expect([...document.listing().dtypes]).toEqual(['float64', 'float32', 'int64', 'bool']);
    const bias = await workspace.engine.read(document.lazy(document.idOf('enc.0.bias')), 0, 3);
    expect(float32Values(bias)).toEqual([1, 1, 1]);
  });

  test('go by the values as they are now', async () => {
    const { document } = await openSmall();
    await document.edit({ kind: 'fill', select: B, value: '0' });
    await document.edit(selecting('dtype:f32 zeros>0', { kind: 'delete', select: '*' }));
    expect(namesOf(document)).toEqual([W, 'steps', 'mask']);
    expect(document.history().at(-1)?.label).toBe(`Delete ${B} where dtype:f32 zeros>0`);
  });

  test('are recorded with the names that were found: a replay is of the same tensors', async () => {
    const { document, workspace, path, folder } = await openSmall();
    await document.edit(selecting('max>5', { kind: 'cast', select: '*', dtype: 'float32' }));
    await document.edit(selecting('max>5 rank:2', { kind: 'scale', select: '*', factor: 0 }));
    const edits = [
      { kind: 'batch', edits: [{ kind: 'cast', select: [W, 'steps'] }] },
      { kind: 'batch', edits: [{ kind: 'scale', select: [W] }] },
    ];
    expect(document.exportEdits().edits).toMatchObject(edits);
    await workspace.close();
    const again = openWorkspace(folder);
    const resumed = await again.open(path);
    await resumed.resume();
    expect(resumed.exportEdits().edits).toMatchObject(edits);
  });

  test('may stand in a script, which is resolved where it is played', async () => {
    const { document, folder } = await openSmall();
    const script = { parascopeEdits: 1, edits: [selecting('rank:1', { kind: 'delete', select: '*' })] };
    for (const edit of parseScript(JSON.stringify(script), join(folder, 'edits.json'))) await document.edit(edit);
    expect(namesOf(document)).toEqual([W, 'steps']);
  });

  test.each([
    ['rank:3', /Nothing meets 'rank=3': 'rank=3' excludes the 4 tensors/],
    ['dtype:f32 rank:0', /'rank=0' excludes 2 tensors of 4 that meet what stands before it/],
    ['dtype:f32 nans>0', /Nothing meets 'dtype:float32 nans>0': of 2 tensors that could, none is nans>0/],
    ['dtype:f31', /f31/],
  ])('%s finds nothing, and it is said why', async (query, reason) => {
    const { document } = await openSmall();
    await expect(document.edit(selecting(query, { kind: 'delete', select: '*' }))).rejects.toThrow(reason);
    expect(document.history()).toEqual([]);
  });

  test('of which the glob meets none is refused', async () => {
    const { document } = await openSmall();
    const edit = selecting('rank:1', { kind: 'fill', select: '*', value: '0' }, { kind: 'delete', select: '*.weight' });
    await expect(document.edit(edit)).rejects.toThrow(
      /^Edit 2 of 2 .*'\*\.weight' matches none of the 2 tensors that the query found/,
    );
    expect(document.history()).toEqual([]);
  });
});
