import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Document } from '../../../core/workspace/contract.ts';
import { type EditScriptCase, editScripts } from '../../property/edit-scripts.ts';
import { fileTensor, type ModelTensor } from './model.ts';
import { readSafetensors, safetensorsBytes, sharedWorkspace } from './support.ts';

const { folder, workspace } = sharedWorkspace();

async function expectFile(path: string, tensors: readonly ModelTensor[]): Promise<void> {
  const file = await readSafetensors(path);
  expect([...file.tensors.keys()].sort()).toEqual(tensors.map(({ name }) => name).sort());
  for (const { name, dtype, shape, bytes } of tensors.map(fileTensor)) {
    expect(file.tensors.get(name)).toMatchObject({ dtype, shape });
    expect([...(file.tensors.get(name)?.bytes ?? [])], name).toEqual([...bytes]);
  }
}

async function undoAll(document: Document): Promise<void> {
  while (document.summary().undo !== null) await document.undo();
}

/** The edits live in the journal when the document goes without a save, as in a kill. */
async function leaveAndResume(path: string, { edits }: EditScriptCase): Promise<Document> {
  const document = await workspace.open(path);
  for (const edit of edits) await document.edit(edit);
  await workspace.closeDocument(document.id);
  const again = await workspace.open(path);
  if (edits.length > 0) await again.resume();
  return again;
}

test('500 random scripts: replayed from the journal, undone, redone and saved, they leave what a plain model says', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(editScripts(), async (script) => {
      const path = join(folder, `${run++}.safetensors`);
      const original = safetensorsBytes(script.start.map(fileTensor));
      await writeFile(path, original);
      const document = await leaveAndResume(path, script);
      await undoAll(document);
      await document.exportTo(`${path}.start.safetensors`);
      expect(await readFile(`${path}.start.safetensors`)).toEqual(original);
      while (document.summary().redo !== null) await document.redo();
      await document.save();
      await workspace.closeDocument(document.id);
      await expectFile(path, script.end);
      await rm(path);
      await rm(`${path}.start.safetensors`);
    }),
    { numRuns: 500 },
  );
}, 600_000);
