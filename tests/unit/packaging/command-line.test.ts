import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const FOLDER = resolve('dist/cli');
const PAGES = resolve('dist/renderer');
const SAMPLE = 'assets/sample.safetensors';

/** Files that chunks load or start, absolute: by `require`, or by their place beside the bundle. */
function filesNamed(): string[] {
  const chunks = readdirSync(FOLDER).filter((name) => name.endsWith('.js'));
  return chunks.flatMap((chunk) => {
    const text = readFileSync(join(FOLDER, chunk), 'utf8');
    const named = text.matchAll(/require\(["'`](\.[^"'`]+)["'`]\)|__dirname\s*\+\s*["'`]([^"'`]+)["'`]/g);
    return [...named].map(([, required, beside = '']) => join(FOLDER, required ?? beside));
  });
}

/** The code that a command line has loaded when it ends, as Node itself lists it. */
function codeLoadedBy(...words: string[]): string {
  const { status, stderr } = spawnSync(process.execPath, [join(FOLDER, 'parascope.js'), ...words], {
    encoding: 'utf8',
    env: { ...process.env, NODE_DEBUG: 'module' },
  });
  expect(status, stderr).toBe(0);
  const files = [...stderr.matchAll(/ load "(.+?)" for module /g)].map(([, file = '']) => file);
  return files.map((file) => readFileSync(file, 'utf8')).join('\n');
}

describe('the bundle of the command line', () => {
  it('finds its files, workers and kernels; only the pages are built later', () => {
    const named = filesNamed();
    expect(named).toEqual(
      expect.arrayContaining([resolve('dist/core/stats/worker/worker.cjs'), resolve('package.json'), resolve(SAMPLE)]),
    );
    expect(named.filter((path) => !existsSync(path) && path !== PAGES)).toEqual([]);
  });

  it('loads what a command needs, and no more', () => {
    const [engine, workspace, schemas, threads] = ['PooledTensorEngine', 'createWorkspace', 'ZodObject', '.Worker('];
    const inspect = codeLoadedBy('inspect', SAMPLE);
    expect(inspect).toContain('formatShape');
    for (const part of [engine, workspace, schemas, threads]) expect(inspect).not.toContain(part);
    const hash = codeLoadedBy('hash', SAMPLE);
    for (const part of [engine, threads]) expect(hash).toContain(part);
    for (const part of [workspace, schemas]) expect(hash).not.toContain(part);
  });
});
