import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeManyTensors } from '../bench/large-files.mjs';
import { type ApiClient, connect } from './api-client.ts';
import { ServeProcess } from './serve-process.ts';

const SAVES = 200;
const KILLS = 12;
const TENSOR = 'model.layers.0.mlp.experts.0.part_0.weight';
/** Large enough (about 0.5 MB) that a save is a matter of many writes. */
const TENSORS = 4_000;

const serve = new ServeProcess();
const file = join(serve.root, 'm.safetensors');

beforeAll(() => {
  mkdirSync(serve.root);
  writeManyTensors(file, TENSORS);
});
afterAll(() => serve.dispose());

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

interface Content {
  /** The header's entries without metadata, as JSON. */
  readonly tensors: string;
  readonly data: Buffer;
  readonly value: number;
}

/** Reads a safetensors file without the code under test; throws where the header is torn. */
function contentOf(bytes: Buffer): Content {
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const { __metadata__: _, ...tensors } = JSON.parse(bytes.toString('utf8', 8, start)) as Record<string, unknown>;
  return { tensors: JSON.stringify(tensors), data: bytes.subarray(start), value: bytes.readFloatLE(start) };
}

/** The data section with `value` in the first element of TENSOR: what the whole old or new file must hold. */
function dataDigest({ data }: Content, value: number): string {
  const copy = Buffer.from(data);
  copy.writeFloatLE(value, 0);
  return digest(copy);
}

async function openFile(client: ApiClient): Promise<{ document: string; recovery: unknown }> {
  const [root] = (await client.api.app.info.query()).roots;
  if (!root) throw new Error('serve shows no root');
  const summary = await client.api.documents.open.mutate({
    file: { kind: 'root', root: root.id, path: 'm.safetensors' },
  });
  return { document: summary.id, recovery: summary.recovery };
}

test(`SIGKILL at random moments during ${SAVES} saves never leaves a torn file`, { timeout: 900_000 }, async () => {
  const original = contentOf(readFileSync(file));
  let saved = 0;
  let kills = 0;
  let current = original.value;
  while (saved < SAVES || kills < KILLS) {
    await serve.start();
    const client = connect(serve.url);
    const { document, recovery } = await openFile(client);
    if (recovery) await client.api.documents.discardRecovery.mutate({ document });
    let attempted = current;
    const saving = (async () => {
      for (;;) {
        attempted = Math.fround(current + 1);
        await client.api.documents.edit.mutate({
          document,
          edit: { kind: 'set', name: TENSOR, slice: '0,0', values: [String(attempted)] },
        });
        // A header of another length moves the data section; one of the same length lets the save patch a copy.
        const note = saved % 2 === 0 ? 'x'.repeat(saved) : null;
        if (saved > 0)
          await client.api.documents.edit
            .mutate({ document, edit: { kind: 'metadata', key: 'save', value: note } })
            .catch(() => {});
        await client.api.documents.save.mutate({ document });
        current = attempted;
        saved++;
      }
    })().catch(() => {});
    await sleep(20 + Math.random() * 1500);
    await serve.kill('SIGKILL');
    client.close();
    await Promise.race([saving, sleep(50)]);
    kills++;
    const found = contentOf(readFileSync(file));
    expect(found.tensors).toBe(original.tensors);
    expect([current, attempted]).toContain(found.value);
    expect(digest(found.data)).toBe(dataDigest(original, found.value));
    current = found.value;
  }
  // The next open sweeps what a killed save left beside the file.
  await serve.start();
  const client = connect(serve.url);
  await openFile(client);
  client.close();
  expect(readdirSync(serve.root).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
