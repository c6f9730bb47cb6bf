import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import type { Document, Workspace } from '../../../core/workspace/contract.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { openWorkspace, scratchFolder } from '../workspace/support.ts';

export interface Opened {
  readonly workspace: Workspace;
  readonly document: Document;
  readonly path: string;
  readonly before: Buffer;
}

export async function openedCopy(original: string, name: string): Promise<Opened> {
  const folder = await scratchFolder();
  const path = join(folder, name);
  await copyFile(original, path);
  const workspace = openWorkspace(folder);
  return { workspace, document: await workspace.open(path), path, before: await readFile(path) };
}

export function fixturePath(id: string): string {
  const fixture = containerFixtures(['hdf5', 'hdf5-h5py', 'keras']).find((candidate) => candidate.id === id);
  if (!fixture) throw new Error(`There is no fixture ${id}.`);
  return fixture.path;
}

export async function openedFixture(id: string): Promise<Opened> {
  return await openedCopy(fixturePath(id), id.split('/').at(-1) ?? '');
}

export async function valuesOf(path: string): Promise<Map<string, Buffer>> {
  const checkpoint = await openCheckpoint(path);
  const found = new Map<string, Buffer>();
  for (const entry of checkpoint.entries) {
    if (!entry.facts?.unreadable) found.set(entry.name, Buffer.from(await checkpoint.read(entry)));
  }
  return found;
}

export async function evaluated({ document, workspace }: Opened, name: string): Promise<Buffer> {
  const lazy = document.lazy(document.idOf(name));
  const count = lazy.shape.reduce((product, size) => product * size, 1);
  return Buffer.from(await workspace.engine.read(lazy, 0, count));
}

/** What a document says of its tensors, by name: dtype, shape and bytes. */
export async function described(opened: Opened): Promise<Record<string, string>> {
  const { names, dtypes, shapes } = opened.document.listing();
  const found: Record<string, string> = {};
  for (const [i, name] of names.entries()) {
    const empty = shapes[i]?.includes(0) ?? false;
    const bytes = empty ? Buffer.alloc(0) : await evaluated(opened, name);
    found[name] = `${dtypes[i]} (${shapes[i]?.join()}) ${bytes.toString('base64')}`;
  }
  return found;
}

/** The same of a file. */
export async function describedFile({ workspace }: Opened, path: string): Promise<Record<string, string>> {
  const document = await workspace.open(path);
  try {
    return await described({ workspace, document, path, before: Buffer.alloc(0) });
  } finally {
    await workspace.closeDocument(document.id);
  }
}
