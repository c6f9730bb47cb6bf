import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('the bundled sample is what its script writes, and stays under 1 MB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parascope-sample-'));
  try {
    const out = join(folder, 'sample.safetensors');
    execFileSync(process.execPath, ['scripts/make-sample.mjs', out]);
    const written = readFileSync(out);
    expect(written.equals(readFileSync('assets/sample.safetensors'))).toBe(true);
    expect(written.byteLength).toBeLessThan(1_000_000);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
