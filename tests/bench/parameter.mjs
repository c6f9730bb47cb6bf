/**
 * What Parameter's operations cost on 256 MiB of float32, beside TensorFlow.js called directly in the
 * same worker. Build first, then
 *
 *     node scripts/build-core.mjs && node tests/bench/parameter.mjs [--rounds N] [--mib N]
 *
 * Both sides run in the same worker thread, one after the other and in turns, N rounds (at least 5) after
 * one to warm up. A side's time is from the call on the main thread to the worker's answer that all is
 * done; what a round needs is made before and freed after. An operation's ratio is the median over the
 * rounds; where TensorFlow.js takes less than a millisecond, which is what messages between threads take,
 * it counts as one. Meanwhile the event loop of the main thread is watched: the longest time for which
 * it was blocked, as the median over the rounds, since on a busy machine the system too makes it wait;
 * the most of all rounds is shown beside it.
 *
 * | operation | Parameter | TensorFlow.js |
 * | --- | --- | --- |
 * | initialize, uniform | `initialize()`: a copy and a gradient buffer | `randomUniform` and `zeros`, as variables |
 * | initialize, ones | `initialize({ init: 'ones' })`, the same | `ones` and `zeros`, as variables |
 * | setData | from an array on the device | `variable.assign(tensor)`, which shares memory |
 * | setData, one element changed | the same, then `data().set(1, '0,0')` | a copy of the values, changed, as a tensor, assigned |
 * | cast to int32 and back | `cast` twice | `cast` twice; the way back keeps the int32 memory |
 * | zeroGrad | of a gradient that has values | `variable.assign(zeros)` |
 * | zeroGrad, filled anew | the same, then every element set to 2 | the same, then `variable.assign(fill(2))` |
 * | reduce of two copies | `reduce()` over cpu(0) and cpu(1) | `div(add(a, b), 2)` |
 *
 * Results are compared: the last elements of each, but for random ones, which must lie in their range.
 * Exit status 1 where a ratio is above 1.25, the main thread was blocked for over 20 ms, or results differ.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { MessageChannel, Worker } from 'node:worker_threads';
import { cpu } from '../../dist/core/device/device.js';
import { DeviceRuntime } from '../../dist/core/device/runtime.js';
import { ThreadLink } from '../../dist/core/device/thread-link.js';
import { Constant } from '../../dist/core/initializer/constant.js';
import { Parameter } from '../../dist/core/parameter/parameter.js';
import '../../dist/core/symbol/invoke.js';
import { GRADIENT_FILL, SAMPLE, valuesFrom, WEIGHT } from './parameter-values.mjs';

const RATIO_LIMIT = 1.25;
const DELAY_LIMIT_MS = 20;
const LEAST_ROUNDS = 5;
const LEAST_PEER_MS = 1;
const CHUNK = 2 ** 22;

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, mib: { type: 'string', default: '256' } },
});
const rounds = Number(options.rounds);
if (!(rounds >= LEAST_ROUNDS))
  throw new Error(`A median takes at least ${LEAST_ROUNDS} rounds, got ${options.rounds}.`);
const shape = [Number(options.mib), 2 ** 18];
const size = shape[0] * shape[1];

const { port1: port, port2: workerPort } = new MessageChannel();
const runtime = new DeviceRuntime({
  startCpu: () =>
    new ThreadLink(
      new Worker(new URL('./parameter.worker.mjs', import.meta.url), {
        workerData: { port: workerPort, shape },
        transferList: [workerPort],
        execArgv: [],
      }),
    ),
});

/** Asks the peer for a step of an operation. */
function peer(step, name) {
  return new Promise((resolve) => {
    port.once('message', resolve);
    port.postMessage({ step, name });
  });
}

const value = runtime.zeros({ shape, dtype: 'float32', device: cpu() });
for (let offset = 0; offset < size; offset += CHUNK) {
  const bytes = new Uint8Array(valuesFrom(offset, Math.min(CHUNK, size - offset)).buffer);
  runtime.upload(value, { dtype: 'float32', offset, bytes });
}

function parameter(initialize, gradReq = 'null') {
  const made = new Parameter('w', { runtime, shape, gradReq });
  if (initialize) made.initialize(initialize);
  return made;
}

function fill(array, number) {
  runtime.invokeInto('full', [], { attributes: { value: number }, targets: [array] });
}

function withGradient() {
  const made = parameter({ init: 'zeros', device: cpu() }, 'write');
  fill(made.grad(), GRADIENT_FILL);
  return { p: made, result: made.grad() };
}

/** `prepare` makes what `run` works on; `run` returns the array that is compared where that is not yet known. */
const operations = {
  'initialize, uniform': {
    prepare: () => ({ p: parameter(null, 'write') }),
    run: ({ p }) => {
      p.initialize({ device: cpu() });
      return p.data();
    },
    isRight: (sample) => sample.every((x) => Math.abs(x) <= 0.07) && new Set(sample).size > 1,
  },
  'initialize, ones': {
    prepare: () => ({ p: parameter(null, 'write') }),
    run: ({ p }) => {
      p.initialize({ init: 'ones', device: cpu() });
      return p.data();
    },
  },
  setData: {
    prepare: () => ({ p: parameter({ init: 'ones', device: cpu() }) }),
    run: ({ p }) => {
      p.setData(value);
      return p.data();
    },
  },
  'setData, one element changed': {
    prepare: () => ({ p: parameter({ init: 'ones', device: cpu() }) }),
    run: ({ p }) => {
      p.setData(value);
      p.data().set(1, '0,0');
      return p.data();
    },
  },
  'cast to int32 and back': {
    prepare: () => ({ p: parameter({ init: new Constant(WEIGHT), device: cpu() }) }),
    run: ({ p }) => {
      p.cast('int32');
      p.cast('float32');
      return p.data();
    },
  },
  zeroGrad: {
    prepare: withGradient,
    run: ({ p, result }) => {
      p.zeroGrad();
      return result;
    },
  },
  'zeroGrad, filled anew': {
    prepare: withGradient,
    run: ({ p, result }) => {
      p.zeroGrad();
      fill(result, 2);
      return result;
    },
  },
  'reduce of two copies': {
    prepare: () => {
      const p = parameter({ init: 'ones', device: [cpu(0), cpu(1)] });
      runtime.assign(p.data(cpu(0)), value);
      return { p };
    },
    run: ({ p }) => p.reduce(),
  },
};

async function runOurs({ prepare, run }) {
  const work = prepare();
  await runtime.waitAll();
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  await delay(5);
  const start = performance.now();
  const result = run(work);
  await runtime.waitAll();
  const ms = performance.now() - start;
  // The watch sees a block when its next tick is late.
  await delay(5);
  loop.disable();
  const sample = new Float32Array(await runtime.read(result, { start: size - SAMPLE, count: SAMPLE }, 'values'));
  for (const array of [result, ...work.p.listData(), ...(work.p.gradReq === 'null' ? [] : work.p.listGrad())]) {
    array.dispose();
  }
  await runtime.waitAll();
  return { ms, sample, blocked: loop.max / 1e6 };
}

async function runPeer(name) {
  await peer('prepare', name);
  const start = performance.now();
  await peer('run', name);
  const ms = performance.now() - start;
  const sample = await peer('sample');
  await peer('clear');
  return { ms, sample };
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function agree({ isRight }, ours, theirs) {
  if (isRight) return isRight(ours) && isRight(theirs);
  return ours.every((x, i) => x === theirs[i]);
}

async function measure(name, operation) {
  await peer('collect');
  await runOurs(operation);
  await runPeer(name);
  const pairs = [];
  for (let round = 0; round < rounds; round++) {
    const first = round % 2 === 0 ? await runOurs(operation) : await runPeer(name);
    const second = round % 2 === 0 ? await runPeer(name) : await runOurs(operation);
    const [ours, theirs] = round % 2 === 0 ? [first, second] : [second, first];
    if (!agree(operation, ours.sample, theirs.sample)) throw new Error(`${name}: the two sides have other results.`);
    pairs.push({ ours, theirs });
  }
  return {
    ours: median(pairs.map(({ ours }) => ours.ms)),
    theirs: median(pairs.map(({ theirs }) => theirs.ms)),
    ratio: median(pairs.map(({ ours, theirs }) => ours.ms / Math.max(theirs.ms, LEAST_PEER_MS))),
    blocked: median(pairs.map(({ ours }) => ours.blocked)),
    mostBlocked: Math.max(...pairs.map(({ ours }) => ours.blocked)),
  };
}

function line(...cells) {
  process.stdout.write(`${cells.map((cell, i) => (i === 0 ? cell.padEnd(30) : cell.padStart(14))).join('')}\n`);
}

process.stdout.write(`${options.mib} MiB of float32, ${rounds} rounds, Node ${process.version}\n`);
line('operation', 'Parameter ms', 'tfjs ms', 'ratio', 'blocked ms', 'most ms');
let failed = false;
for (const [name, operation] of Object.entries(operations)) {
  const { ours, theirs, ratio, blocked, mostBlocked } = await measure(name, operation);
  const isOver = ratio > RATIO_LIMIT || blocked > DELAY_LIMIT_MS;
  failed ||= isOver;
  const cells = [ours.toFixed(1), theirs.toFixed(1), ratio.toFixed(2), blocked.toFixed(1), mostBlocked.toFixed(1)];
  line(name, ...cells, ...(isOver ? ['  over the limit'] : []));
}
await runtime.close();
port.close();
if (failed) process.exitCode = 1;
