import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ComparisonEvent } from '../../../core/api/comparisons.ts';
import { followComparison } from '../../../core/api/comparisons.ts';
import type { DiffOptions, TensorEngine } from '../../../core/stats/engine.ts';
import { type ComparingEngine, compareSides } from '../../../core/workspace/compare/compare.ts';
import type { Compared } from '../../../core/workspace/compare/compared.ts';
import { rememberingEngine } from '../../../core/workspace/compare/known-differences.ts';
import { compareMetadata } from '../../../core/workspace/compare/metadata.ts';
import { planComparison } from '../../../core/workspace/compare/plan.ts';
import { sideOfDocument } from '../../../core/workspace/compare/sides.ts';
import type { Document, Workspace } from '../../../core/workspace/contract.ts';
import type { ComparisonRow } from '../../../core/workspace/summary.ts';
import {
  type FileTensor,
  float32,
  openWorkspace,
  SMALL,
  SMALL_METADATA,
  safetensorsBytes,
  scratchFolder,
} from './support.ts';

async function openTwo(
  before: readonly FileTensor[],
  after: readonly FileTensor[],
): Promise<{ workspace: Workspace; a: Document; b: Document }> {
  const folder = await scratchFolder();
  const workspace = openWorkspace(folder);
  await writeFile(join(folder, 'a.safetensors'), safetensorsBytes(before, SMALL_METADATA));
  await writeFile(join(folder, 'b.safetensors'), safetensorsBytes(after, { format: 'pt', epoch: '3' }));
  const a = await workspace.open(join(folder, 'a.safetensors'));
  const b = await workspace.open(join(folder, 'b.safetensors'));
  return { workspace, a, b };
}

async function compared(
  { a, b }: { a: Document; b: Document },
  engine: ComparingEngine,
  options: DiffOptions = {},
): Promise<string[]> {
  const found: Compared[] = [];
  const progress: number[] = [];
  const plan = await planComparison(sideOfDocument(a), sideOfDocument(b));
  await compareSides(plan, {
    ...options,
    engine,
    onProgress: (done) => progress.push(done),
    onFound: (tensor) => found.push(tensor),
  });
  expect(progress.toSorted((x, y) => x - y)).toEqual(progress);
  expect(progress.at(-1) ?? 0).toBe(plan.bytes);
  return found.map(({ kind, before, after }) => `${kind} ${before?.name ?? '-'} ${after?.name ?? '-'}`).sort();
}

/** An engine that counts what it is asked. */
function counting(
  engine: TensorEngine,
): ComparingEngine & { readonly asked: { diff: number; hash: number; read: number } } {
  const asked = { diff: 0, hash: 0, read: 0 };
  return {
    asked,
    diff: (...request) => {
      asked.diff += 1;
      return engine.diff(...request);
    },
    hash: (...request) => {
      asked.hash += 1;
      return engine.hash(...request);
    },
    read: (...request) => {
      asked.read += 1;
      return engine.read(...request);
    },
  };
}

const named = (name: string, ...values: number[]): FileTensor => ({
  name,
  dtype: 'F32',
  shape: [values.length],
  bytes: float32(...values),
});

describe('a comparison', () => {
  test('tells values, dtypes, shapes, renames, what was added and removed, and what is the same', async () => {
    const before = [...SMALL, named('old', 1, 2), named('gone', 1, 2, 3), named('v', 1, 2), named('s', 1, 2)];
    const after = [
      ...SMALL.filter(({ name }) => name !== 'mask'),
      { name: 'mask', dtype: 'U8', shape: [4], bytes: Uint8Array.of(1, 0, 1, 1) },
      named('new', 1, 2),
      named('come', 1, 2, 4),
      named('v', 1, 3),
      named('s', 1, 2, 3),
    ];
    const two = await openTwo(before, after);
    expect(await compared(two, two.workspace.engine)).toEqual([
      'added - come',
      'dtype mask mask',
      'removed gone -',
      'renamed old new',
      'same layer.0.bias layer.0.bias',
      'same layer.0.weight layer.0.weight',
      'same steps steps',
      'shape s s',
      'value v v',
    ]);
  });

  test('pairs equal tensors in order, and leaves those without a partner', async () => {
    const two = await openTwo(
      [named('a.0', 0, 0), named('a.1', 0, 0), named('a.2', 7, 7)],
      [named('b.0', 0, 0), named('b.1', 0, 0), named('b.2', 0, 0)],
    );
    expect(await compared(two, two.workspace.engine)).toEqual([
      'added - b.2',
      'removed a.2 -',
      'renamed a.0 b.0',
      'renamed a.1 b.1',
    ]);
  });

  test('a tensor is hashed only where dtype, shape and first elements are those of one on the other side', async () => {
    const two = await openTwo(
      [named('a', 1, 2), named('b', 3, 4), named('c', 1, 2, 3), { ...named('d', 5), dtype: 'I32' }],
      [named('x', 1, 2), named('y', 9, 9), named('z', 5)],
    );
    const engine = counting(two.workspace.engine);
    expect(await compared(two, engine)).toContain('renamed a x');
    expect(engine.asked).toEqual({ diff: 0, read: 4, hash: 2 });
  });

  test('tensors without elements are renamed too', async () => {
    const two = await openTwo([named('a')], [named('b')]);
    expect(await compared(two, two.workspace.engine)).toEqual(['renamed a b']);
  });

  test('long tensors that only begin alike are no renames', async () => {
    const long = Array.from({ length: 5000 }, (_, k) => k);
    const two = await openTwo([named('a', ...long)], [named('b', ...long.with(4999, 0))]);
    expect(await compared(two, two.workspace.engine)).toEqual(['added - b', 'removed a -']);
  });

  test('what is within the tolerance is no change', async () => {
    const two = await openTwo(
      [named('near', 1, 100), named('far', 1, 100)],
      [named('near', 1.01, 100.5), named('far', 1.01, 120)],
    );
    const tolerance = { absolute: 0.01, relative: 0.01 };
    expect(await compared(two, two.workspace.engine, { tolerance })).toEqual(['value far far', 'within near near']);
  });

  test('sees edits that are not saved, and asks again only for what they touched', async () => {
    const two = await openTwo(SMALL, SMALL);
    const engine = counting(two.workspace.engine);
    const remembering = rememberingEngine(engine);
    expect((await compared(two, remembering)).every((line) => line.startsWith('same'))).toBe(true);
    expect(engine.asked.diff).toBe(4);
    await two.b.edit({ kind: 'set', name: 'layer.0.bias', slice: '1', values: ['7'] });
    expect(await compared(two, remembering)).toContain('value layer.0.bias layer.0.bias');
    expect(engine.asked.diff).toBe(5);
    await two.b.undo();
    await compared(two, remembering);
    expect(engine.asked.diff).toBe(5);
  });

  test('under another tolerance reads again only what its measures leave open', async () => {
    const nan = Number.NaN;
    const two = await openTwo(
      [named('same', 1, 2), named('near', 1, 100), named('far', 1, 100), named('nan', 1, nan)],
      [named('same', 1, 2), named('near', 1.5, 100), named('far', 1, 120), named('nan', nan, nan)],
    );
    const engine = counting(two.workspace.engine);
    const remembering = rememberingEngine(engine);
    const under = async (absolute: number, relative: number) => {
      const before = engine.asked.diff;
      const found = await compared(two, remembering, { tolerance: { absolute, relative } });
      const afresh = await compared(two, two.workspace.engine, { tolerance: { absolute, relative } });
      expect(found).toEqual(afresh);
      return { within: found.filter((line) => line.startsWith('within')).length, read: engine.asked.diff - before };
    };
    await compared(two, remembering);
    expect(engine.asked.diff).toBe(4);
    expect(await under(0, 0)).toEqual({ within: 0, read: 0 });
    expect(await under(0.5, 0)).toEqual({ within: 1, read: 0 });
    expect(await under(20, 0)).toEqual({ within: 2, read: 0 });
    expect(await under(0.5, 0.1)).toEqual({ within: 1, read: 1 });
    expect(await under(0, 0.2)).toEqual({ within: 1, read: 2 });
    expect(await under(0.5, 0.1)).toEqual({ within: 1, read: 0 });
    expect(await compared(two, remembering)).toEqual([
      'same same same',
      'value far far',
      'value nan nan',
      'value near near',
    ]);
    expect(engine.asked.diff).toBe(7);
  });

  test('leaves the event loop its turns even where everything is known', async () => {
    const many = Array.from({ length: 3000 }, (_, k) => named(`layer.${k}`, k));
    const two = await openTwo(many, many);
    const remembering = rememberingEngine(two.workspace.engine);
    await compared(two, remembering);
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    await compared(two, remembering);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });

  test('metadata is compared by key', () => {
    expect(compareMetadata({ a: '1', b: '2', c: '3' }, { b: '2', c: '4', d: '5' })).toEqual({
      added: ['d'],
      removed: ['a'],
      changed: [{ key: 'c', from: '3', to: '4' }],
    });
    expect(compareMetadata({ ['__proto__']: 'x' }, {}).added).toEqual([]);
  });
});

describe('a followed comparison', () => {
  async function eventsOf(events: AsyncIterable<ComparisonEvent>): Promise<ComparisonEvent[]> {
    const all: ComparisonEvent[] = [];
    for await (const event of events) all.push(event);
    return all;
  }

  const rowsOf = (events: readonly ComparisonEvent[]): ComparisonRow[] =>
    events.flatMap((event) => (event.type === 'found' ? event.rows : []));

  test('begins with what is compared, tells rows, and ends', async () => {
    const { workspace, a, b } = await openTwo(SMALL, [...SMALL.slice(1), named('inf', Number.POSITIVE_INFINITY)]);
    await b.edit({ kind: 'fill', select: ['layer.0.bias'], value: 'inf' });
    const events = await eventsOf(followComparison(workspace, { before: a.id, after: b.id }, undefined));
    expect(events[0]).toEqual({
      type: 'begun',
      revisions: { before: 0, after: 1 },
      metadata: { added: ['epoch'], removed: ['author'], changed: [] },
    });
    expect(events.at(-1)).toEqual({ type: 'done' });
    const bias = rowsOf(events).find(({ after }) => after?.name === 'layer.0.bias');
    expect(bias).toMatchObject({
      kind: 'value',
      before: { id: 1, dtype: 'float32', shape: [3] },
      diff: { maxAbs: 'Infinity', relL2: 'Infinity', changedCount: 3, firstIndex: 0, maxIndex: 0 },
    });
    expect(
      rowsOf(events)
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['added', 'removed', 'same', 'same', 'value']);
  });

  test('says what is within the tolerance that was asked for', async () => {
    const { workspace, a, b } = await openTwo([named('a', 1, 2)], [named('a', 1, 2.25)]);
    const kindUnder = async (absolute: number): Promise<string | undefined> => {
      const input = { before: a.id, after: b.id, tolerance: { absolute, relative: 0 } };
      return rowsOf(await eventsOf(followComparison(workspace, input, undefined)))[0]?.kind;
    };
    expect(await kindUnder(0.25)).toBe('within');
    expect(await kindUnder(0.125)).toBe('value');
  });

  test('cancelling its task ends it', async () => {
    const { workspace, a, b } = await openTwo(SMALL, SMALL);
    const events = followComparison(workspace, { before: a.id, after: b.id }, AbortSignal.abort());
    await expect(eventsOf(events)).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('nobody who listens any more ends its task', async () => {
    const { workspace, a, b } = await openTwo(SMALL, SMALL);
    const events = followComparison(workspace, { before: a.id, after: b.id }, undefined);
    await events.next();
    await events.return(undefined);
    await expect.poll(() => workspace.tasks().filter(({ state }) => state === 'running')).toEqual([]);
  });

  test('of ten thousand tensors each comes once', async () => {
    const many = Array.from({ length: 10_000 }, (_, k) => named(`layer.${k}.weight`, k, k + 1));
    const other = many.map((tensor, k) => (k % 100 === 0 ? named(tensor.name, k, k + 2) : tensor));
    const { workspace, a, b } = await openTwo(many, other);
    const events = await eventsOf(followComparison(workspace, { before: a.id, after: b.id }, undefined));
    expect(rowsOf(events)).toHaveLength(10_000);
    expect(rowsOf(events).filter(({ kind }) => kind === 'value')).toHaveLength(100);
  });
});
