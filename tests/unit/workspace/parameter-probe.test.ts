import { expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import { CancelledError } from '../../../core/errors.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import { probe } from '../../../core/workspace/parameter-probe/probe.ts';
import { PROBE_KINDS } from '../../../core/workspace/parameter-probe/probe-kinds.ts';
import { openRuntime } from '../device/runtimes.ts';

const SPEC = { batch: 'random', seed: 1, batchSize: 3, times: 1 } as const;
const SHAPES = {
  dense: [4, 3],
  convolution: [4, 3, 2],
  embedding: [4, 3],
  'layer norm': [4],
  'batch norm': [4],
  bias: [4],
  scale: [2, 2],
} as const;

test.each(PROBE_KINDS)('a probe as %s leaves no array behind', async (as) => {
  const runtime = openRuntime();
  const parameter = new Parameter('w', { shape: SHAPES[as], runtime });
  parameter.initialize({ init: 'one', device: [cpu(0), cpu(1)] });
  const before = await runtime.census();
  await probe(parameter, { ...SPEC, as, times: 3 });
  expect(await runtime.census()).toEqual(before);
});

test('progress counts passes over all devices, and a cancelled probe stops between two', async () => {
  const parameter = new Parameter('w', { shape: [4, 3], runtime: openRuntime() });
  parameter.initialize({ init: 'one', device: [cpu(0), cpu(1)] });
  const done: number[] = [];
  await probe(parameter, { ...SPEC, as: 'dense', times: 2 }, { onProgress: (count) => done.push(count) });
  expect(done).toEqual([1, 2, 3, 4]);
  const abort = new AbortController();
  const stopped = probe(
    parameter,
    { ...SPEC, as: 'dense', times: 2 },
    { signal: abort.signal, onProgress: () => abort.abort() },
  );
  await expect(stopped).rejects.toThrow(CancelledError);
});

test('a seed makes a random batch, another seed another', async () => {
  const parameter = new Parameter('w', { shape: [40, 3], runtime: openRuntime() });
  parameter.initialize({ init: 'xavier' });
  const run = async (as: 'dense' | 'embedding', seed: number) =>
    (await probe(parameter, { ...SPEC, as, seed })).passes[0]?.output;
  for (const as of ['dense', 'embedding'] as const) {
    expect(await run(as, 1)).toBe(await run(as, 1));
    expect(await run(as, 1)).not.toBe(await run(as, 2));
  }
});

test.each(['float16', 'bfloat16', 'float64'] as const)(
  'a Parameter of %s is probed in its own dtype',
  async (dtype) => {
    const parameter = new Parameter('w', { shape: [4, 3], dtype, runtime: openRuntime() });
    parameter.initialize({ init: 'one' });
    const { passes } = await probe(parameter, { ...SPEC, as: 'dense', batch: 'ones' });
    // Outputs of 3 in 12 places: their mean square is 9, the gradient 2·3·3/12 in each of 12 weights.
    expect(passes).toMatchObject([{ loss: 9, gradient: expect.closeTo(1.5 * Math.sqrt(12), 2) }]);
  },
);

test('what has no gradients says so', async () => {
  const parameter = new Parameter('w', { shape: [4, 3], dtype: 'bool', runtime: openRuntime() });
  parameter.initialize({ init: 'one' });
  await expect(probe(parameter, { ...SPEC, as: 'dense' })).rejects.toThrow(/bool/);
});
