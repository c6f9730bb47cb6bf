/** Who runs against whom, over what, and what the ratio of their times may be. */
import { fileURLToPath } from 'node:url';

const THREADS = '2';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const node = (script, ...args) => ({ command: process.execPath, args: [here(`ours/${script}.mjs`), ...args] });

/** The command line, as people call it. */
const command = (...words) => node('command', ...words);

const close = (a, b) => Math.abs(a - b) <= 1e-7;
const equal = (a, b) => a === b;

/**
 * `clock` says which time counts (contest.mjs), `bytes` what it is a rate of, `mostMiB` how much memory ours may take,
 * `needs` which module of Python the peer is of, `watched` what is run once more to see how long main's loop stands
 * still. Whole processes are those of the command line; what is timed from within is the engine.
 */
export function contestsOver({ float32, changed, bfloat16, sample, many }, interpreter) {
  const python = (script, ...args) => ({ command: interpreter, args: [here(`peers/${script}.py`), ...args] });
  const ours = (file, threads = THREADS) => node('scan', file.path, threads);
  const scan = (name, file, rest) => ({
    name: `scan ${name}`,
    bytes: file.bytes,
    ours:
      rest.clock === 'wall' ? command('stats', file.path, '--json', '--no-cache', '--threads', THREADS) : ours(file),
    same: close,
    ...rest,
  });
  const both = float32.bytes + changed.bytes;
  const diff = node('diff', float32.path, changed.path, THREADS);
  return [
    scan('float32 / numpy', float32, {
      needs: 'numpy',
      clock: 'wall',
      limit: 1 / 8,
      peer: python('numpy_scan', float32.path),
    }),
    scan('bfloat16 / numpy', bfloat16, {
      needs: 'numpy',
      clock: 'wall',
      limit: 1 / 15,
      peer: python('numpy_scan', bfloat16.path),
    }),
    scan('float32 / numba', float32, {
      needs: 'numba',
      clock: 'wall',
      limit: 0.5,
      peer: python('numba_scan', float32.path),
    }),
    scan('bfloat16 / numba', bfloat16, {
      needs: 'numba',
      clock: 'wall',
      limit: 0.5,
      peer: python('numba_scan', bfloat16.path),
    }),
    scan('float32 of a quarter of the file / torch', sample, {
      needs: 'torch',
      clock: 'wall',
      limit: null,
      peer: python('torch_scan', sample.path),
    }),
    scan('float32 / bare read', float32, {
      clock: 'seconds',
      limit: 5,
      watched: node('scan', float32.path, THREADS, 'watch'),
      peer: node('read', THREADS, float32.path),
      same: null,
    }),
    scan('bfloat16 / bare read', bfloat16, {
      clock: 'seconds',
      limit: 5,
      watched: node('scan', bfloat16.path, THREADS, 'watch'),
      peer: node('read', THREADS, bfloat16.path),
      same: null,
    }),
    scan('float32, 2 threads / 1', float32, { clock: 'work', limit: 0.58, peer: ours(float32, '1'), same: equal }),
    scan('bfloat16, 2 threads / 1', bfloat16, {
      clock: 'work',
      limit: 0.58,
      peer: ours(bfloat16, '1'),
      same: equal,
    }),
    scan('float32, 1 thread / plain JavaScript', float32, {
      clock: 'seconds',
      limit: null,
      ours: ours(float32, '1'),
      peer: node('plain-scan', float32.path),
    }),
    {
      name: 'diff float32 / numpy',
      bytes: both,
      needs: 'numpy',
      clock: 'wall',
      limit: 1 / 5,
      ours: command('diff', float32.path, changed.path, '--json', '--threads', THREADS),
      peer: python('numpy_diff', float32.path, changed.path),
      same: equal,
    },
    {
      name: 'diff float32 / bare read of both',
      bytes: both,
      clock: 'seconds',
      limit: 1.5,
      ours: diff,
      peer: node('read', THREADS, float32.path, changed.path),
      same: null,
    },
    {
      name: 'list 200,000 tensors / safe_open',
      bytes: null,
      mostMiB: 250,
      needs: 'safetensors',
      clock: 'wall',
      limit: 0.7,
      ours: command('inspect', many.path),
      peer: python('safetensors_list', many.path),
      same: equal,
    },
  ];
}
