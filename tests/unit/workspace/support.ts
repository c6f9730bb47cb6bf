import { mkdtempSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';
import type { Document, Workspace } from '../../../core/workspace/contract.ts';
import { createWorkspace, type WorkspaceOptions } from '../../../core/workspace/workspace.ts';

/** A tensor as tests write it: the format's dtype token and its bytes. */
export interface FileTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** A safetensors file, built here by the format's description and by nothing of ours. */
export function safetensorsBytes(tensors: readonly FileTensor[], metadata?: Record<string, string>): Buffer {
  const header: [string, unknown][] = metadata ? [['__metadata__', metadata]] : [];
  let offset = 0;
  for (const { name, dtype, shape, bytes } of tensors) {
    header.push([name, { dtype, shape, data_offsets: [offset, offset + bytes.length] }]);
    offset += bytes.length;
  }
  const json = JSON.stringify(Object.fromEntries(header));
  const text = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([prefix, text, ...tensors.map(({ bytes }) => bytes)]);
}

/** Reads a safetensors file back, again by the description alone. */
export async function readSafetensors(
  path: string,
): Promise<{ tensors: Map<string, FileTensor>; metadata: Record<string, string> }> {
  const file = await readFile(path);
  const start = 8 + Number(file.readBigUInt64LE(0));
  const { __metadata__: metadata = {}, ...entries } = JSON.parse(file.toString('utf8', 8, start)) as Record<
    string,
    never
  >;
  const tensors = new Map<string, FileTensor>();
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, shape, data_offsets } = entry as { dtype: string; shape: number[]; data_offsets: [number, number] };
    tensors.set(name, { name, dtype, shape, bytes: file.subarray(start + data_offsets[0], start + data_offsets[1]) });
  }
  return { tensors, metadata };
}

export function float32(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

export function float32Values(bytes: Uint8Array): number[] {
  return [...new Float32Array(Uint8Array.from(bytes).buffer)];
}

export const SMALL: readonly FileTensor[] = [
  { name: 'layer.0.weight', dtype: 'F32', shape: [2, 3], bytes: float32(1, 2, 3, 4, 5, 6) },
  { name: 'layer.0.bias', dtype: 'F32', shape: [3], bytes: float32(0.5, -0.5, 0) },
  { name: 'steps', dtype: 'I64', shape: [], bytes: new Uint8Array(BigInt64Array.of(12n).buffer) },
  { name: 'mask', dtype: 'BOOL', shape: [4], bytes: Uint8Array.of(1, 0, 1, 1) },
];

export const SMALL_METADATA = { format: 'pt', author: 'somebody' };

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A folder that goes after the test. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parascope-test-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder with a workspace, until the last test of the file. */
export function sharedWorkspace(): { readonly folder: string; readonly workspace: Workspace } {
  const folder = mkdtempSync(join(tmpdir(), 'parascope-test-'));
  const workspace = createWorkspace({ stateDirectory: join(folder, 'state'), threads: 1 });
  afterAll(async () => {
    await workspace.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { folder, workspace };
}

/** A workspace that is closed after the test. */
export function openWorkspace(folder: string, options: Partial<WorkspaceOptions> = {}): Workspace {
  const workspace = createWorkspace({ stateDirectory: join(folder, 'state'), threads: 1, ...options });
  cleanups.push(() => workspace.close());
  return workspace;
}

export interface Opened {
  readonly folder: string;
  readonly path: string;
  readonly original: Buffer;
  readonly workspace: Workspace;
  readonly document: Document;
}

/** A small checkpoint on disk, opened in a workspace of its own. */
export async function openSmall(tensors: readonly FileTensor[] = SMALL): Promise<Opened> {
  const folder = await scratchFolder();
  const path = join(folder, 'model.safetensors');
  const original = safetensorsBytes(tensors, SMALL_METADATA);
  await writeFile(path, original);
  const workspace = openWorkspace(folder);
  return { folder, path, original, workspace, document: await workspace.open(path) };
}

/** Names, in document order. */
export function namesOf(document: Document): readonly string[] {
  return document.listing().names;
}
