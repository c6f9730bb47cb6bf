import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Document } from '../../../core/workspace/contract.ts';
import type { Edit } from '../../../core/workspace/edits.ts';
import {
  castValue,
  fileTensor,
  indexOf,
  MODEL_DTYPES,
  type ModelDType,
  type ModelTensor,
  scaleValue,
} from './model.ts';
import { readSafetensors, safetensorsBytes, sharedWorkspace } from './support.ts';

/** A random step, before it is known which tensors there are. */
type Move =
  | { readonly kind: 'rename' | 'delete'; readonly at: number; readonly text: string }
  | { readonly kind: 'cast'; readonly at: number; readonly dtype: ModelDType }
  | { readonly kind: 'fill'; readonly at: number; readonly value: number }
  | { readonly kind: 'scale'; readonly at: number; readonly factor: number }
  | { readonly kind: 'set'; readonly at: number; readonly element: number; readonly value: number }
  | { readonly kind: 'undo' }
  | { readonly kind: 'redo' }
  | { readonly kind: 'save' };

interface Model {
  readonly tensors: readonly ModelTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

const at = fc.nat({ max: 7 });
const small = fc.integer({ min: 0, max: 1 });
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({
    kind: fc.constant('rename' as const),
    at,
    text: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }),
  }),
  fc.record({ kind: fc.constant('delete' as const), at, text: fc.constant('') }),
  fc.record({ kind: fc.constant('cast' as const), at, dtype: fc.constantFrom(...MODEL_DTYPES) }),
  fc.record({ kind: fc.constant('fill' as const), at, value: small }),
  fc.record({ kind: fc.constant('scale' as const), at, factor: fc.constantFrom(2, -3, 0.5, 0, 1e10) }),
  fc.record({ kind: fc.constant('set' as const), at, element: fc.nat(), value: small }),
  fc.constantFrom<Move>({ kind: 'undo' }, { kind: 'redo' }, { kind: 'save' }),
);

const tensor = fc
  .record({
    dtype: fc.constantFrom(...MODEL_DTYPES),
    shape: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
    seed: fc.array(fc.double({ noNaN: false }), { minLength: 27, maxLength: 27 }),
  })
  .map(({ dtype, shape, seed }): Omit<ModelTensor, 'name'> => {
    const count = shape.reduce((product, size) => product * size, 1);
    return { dtype, shape, values: seed.slice(0, count).map((value) => castValue(value, dtype)) };
  });

const checkpoint = fc.array(tensor, { minLength: 1, maxLength: 4 }).map(
  (tensors): Model => ({
    tensors: tensors.map((t, i) => ({ ...t, name: `layer.${i}` })),
    metadata: { format: 'pt' },
  }),
);

/** What the move means now: the edit, and the model after it; null where there is nothing to do it to. */
function planned(move: Move, model: Model): { edit: Edit; after: Model } | null {
  if (move.kind === 'undo' || move.kind === 'redo' || move.kind === 'save') return null;
  const target = model.tensors[move.at % Math.max(1, model.tensors.length)];
  if (!target) return null;
  const { name, dtype, shape } = target;
  const replaced = (change: Partial<ModelTensor> | null): Model => ({
    ...model,
    tensors: model.tensors.flatMap((t) => (t !== target ? [t] : change ? [{ ...t, ...change }] : [])),
  });
  switch (move.kind) {
    case 'rename': {
      const to = `${move.text}.${name}`;
      if (model.tensors.some((t) => t.name === to)) return null;
      return { edit: { kind: 'rename', from: name, to }, after: replaced({ name: to }) };
    }
    case 'delete':
      return { edit: { kind: 'delete', select: [name] }, after: replaced(null) };
    case 'cast': {
      const values = target.values.map((value) => castValue(value, move.dtype));
      return {
        edit: { kind: 'cast', select: [name], dtype: move.dtype },
        after: replaced({ dtype: move.dtype, values }),
      };
    }
    case 'fill': {
      const values = target.values.map(() => castValue(move.value, dtype));
      return { edit: { kind: 'fill', select: [name], value: String(move.value) }, after: replaced({ values }) };
    }
    case 'scale': {
      const values = target.values.map((value) => scaleValue(value, move.factor, dtype));
      return { edit: { kind: 'scale', select: [name], factor: move.factor }, after: replaced({ values }) };
    }
    case 'set': {
      if (target.values.length === 0) return null;
      const element = move.element % target.values.length;
      const values = target.values.with(element, castValue(move.value, dtype));
      const slice = indexOf(element, shape).join(',');
      return { edit: { kind: 'set', name, slice, values: [String(move.value)] }, after: replaced({ values }) };
    }
  }
}

const { folder, workspace } = sharedWorkspace();

async function expectFile(path: string, { tensors, metadata }: Model): Promise<void> {
  const file = await readSafetensors(path);
  expect(file.metadata).toEqual(metadata);
  expect([...file.tensors.keys()].sort()).toEqual(tensors.map(({ name }) => name).sort());
  for (const expected of tensors.map(fileTensor)) {
    const actual = file.tensors.get(expected.name);
    expect(actual).toMatchObject({ dtype: expected.dtype, shape: expected.shape });
    expect(comparable(actual?.bytes ?? new Uint8Array(), expected.dtype)).toEqual(
      comparable(expected.bytes, expected.dtype),
    );
  }
}

/** Bytes, but that one NaN is as good as another. */
function comparable(bytes: Uint8Array, dtype: string): unknown[] {
  const { buffer } = Uint8Array.from(bytes);
  if (dtype === 'F32') return [...new Float32Array(buffer)];
  if (dtype === 'F64') return [...new Float64Array(buffer)];
  return [...bytes];
}

/** Plays the moves on the document and on a stack of models side by side. */
async function play(document: Document, start: Model, moves: readonly Move[]): Promise<Model> {
  let past = [start];
  let future: Model[] = [];
  for (const step of moves) {
    const model = past.at(-1) ?? start;
    if (step.kind === 'save') {
      await document.save();
      past = [model];
      future = [];
    } else if (step.kind === 'undo') {
      if (past.length > 1) {
        await document.undo();
        future.push(model);
        past.pop();
      }
    } else if (step.kind === 'redo') {
      const next = future.pop();
      if (next) {
        await document.redo();
        past.push(next);
      }
    } else {
      const plan = planned(step, model);
      if (!plan) continue;
      await document.edit(plan.edit);
      past.push(plan.after);
      future = [];
    }
    expect(document.listing().names.toSorted()).toEqual(
      (past.at(-1) ?? start).tensors.map(({ name }) => name).toSorted(),
    );
  }
  return past.at(-1) ?? start;
}

test('any script of edits, undos, redos and saves leaves the file that a plain model says', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(checkpoint, fc.array(move, { maxLength: 14 }), async (start, moves) => {
      const path = join(folder, `script-${run++}.safetensors`);
      await writeFile(path, safetensorsBytes(start.tensors.map(fileTensor), start.metadata));
      const document = await workspace.open(path);
      const end = await play(document, start, moves);
      await document.save();
      await workspace.closeDocument(document.id);
      await expectFile(path, end);
      await rm(path);
    }),
    { numRuns: 120 },
  );
}, 120_000);

test('undoing everything restores the file byte for byte, whatever was done', async () => {
  let run = 0;
  const edits = move.filter(({ kind }) => kind !== 'save');
  await fc.assert(
    fc.asyncProperty(checkpoint, fc.array(edits, { minLength: 1, maxLength: 10 }), async (start, moves) => {
      const path = join(folder, `undo-${run++}.safetensors`);
      const original = safetensorsBytes(start.tensors.map(fileTensor), start.metadata);
      await writeFile(path, original);
      const document = await workspace.open(path);
      await play(document, start, moves);
      while (document.summary().undo !== null) await document.undo();
      const copy = `${path}.copy`;
      await document.exportTo(copy);
      await workspace.closeDocument(document.id, { discardEdits: true });
      expect(await readFile(copy)).toEqual(original);
      await rm(path);
    }),
    { numRuns: 40 },
  );
}, 120_000);

test('a journal replayed by the next run gives the same file as the run that wrote it', async () => {
  let run = 0;
  const edits = move.filter(({ kind }) => kind !== 'save');
  await fc.assert(
    fc.asyncProperty(checkpoint, fc.array(edits, { minLength: 1, maxLength: 10 }), async (start, moves) => {
      const path = join(folder, `replay-${run++}.safetensors`);
      await writeFile(path, safetensorsBytes(start.tensors.map(fileTensor), start.metadata));
      const document = await workspace.open(path);
      const end = await play(document, start, moves);
      await workspace.closeDocument(document.id);
      const again = await workspace.open(path);
      if (again.summary().recovery) await again.resume();
      await again.save();
      await workspace.closeDocument(again.id);
      await expectFile(path, end);
      await rm(path);
    }),
    { numRuns: 40 },
  );
}, 120_000);
