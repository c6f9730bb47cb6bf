/** Builds `core` to plain ES modules under dist/core, the WASM kernels beside the code that loads them, and `cli`. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleCommandLine, bundleWorker } from './bundle.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, 'node_modules', '.bin', name);

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** Entry files of the AssemblyScript kernels; each becomes NAME.wasm under dist/core/stats/kernels. */
const KERNELS = {
  kernels: ['--initialMemory', '64'],
  // Its memory is made by a job, of the size that the job takes, and shared by the workers.
  spectrum: ['--initialMemory', '1', '--maximumMemory', '65536', '--sharedMemory', '--enable', 'threads'],
};

for (const [kernel, memory] of Object.entries(KERNELS)) {
  const source = `core/stats/kernels/${kernel}.ts`;
  if (!existsSync(join(root, source))) continue;
  const out = `dist/core/stats/kernels/${kernel}.wasm`;
  mkdirSync(join(root, dirname(out)), { recursive: true });
  run(bin('asc'), [
    source,
    '-o',
    out,
    '-O3',
    '--noAssert',
    '--runtime',
    'stub',
    '--enable',
    'simd',
    '--importMemory',
    ...memory,
    // Vectors as arguments: of functions that kernels share among themselves, not of what the module exports.
    '--disableWarning',
    '112',
  ]);
}

run(bin('tsc'), ['-p', 'tsconfig.json']);
await bundleWorker();
await bundleCommandLine();
