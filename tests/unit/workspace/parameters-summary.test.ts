import { expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import { deviceTotals, summarize } from '../../../core/workspace/parameters-summary.ts';
import { mortalRuntime, openRuntime } from '../device/runtimes.ts';

function ones(runtime = openRuntime(), name = 'w') {
  const parameter = new Parameter(name, { shape: [2, 2], runtime });
  parameter.initialize({ init: 'one', device: [cpu(0), cpu(1)] });
  return parameter;
}

test.each([
  ['float32', 3],
  ['float16', 3],
  ['float64', 3],
  ['int64', 3],
  ['uint8', 3],
  ['complex64', [3, 0]],
] as const)('the distance from the mean of copies of %s', async (dtype, value) => {
  const parameter = ones();
  parameter.cast(dtype);
  const [, second] = parameter.lendCopies();
  second?.set(value);
  const { copies } = await summarize(parameter);
  // 1 and 3 are each 1 from 2, in 4 elements.
  expect(copies.map((copy) => copy.distance)).toEqual([2, 2]);
});

test('a copy that an operation failed on says why; the rest is told', async () => {
  const parameter = ones();
  const [first] = parameter.lendCopies();
  if (first) first.runtime.invokeInto('no_such_operator', [], { targets: [first] });
  const { copies, gradients } = await summarize(parameter);
  expect(copies).toMatchObject([
    { norm: null, distance: null, failure: expect.stringContaining('no_such_operator') },
    { norm: 2, distance: null, failure: null },
  ]);
  expect(gradients).toMatchObject([{ norm: 0 }, { norm: 0 }]);
});

test('a worker that dies while norms are read is reported copy by copy', async () => {
  const { runtime, kill } = mortalRuntime();
  const parameter = ones(runtime);
  await runtime.waitAll();
  const [{ copies }] = await Promise.all([summarize(parameter), kill()]);
  expect(copies.every(({ lost, norm }) => lost || norm === 2)).toBe(true);
  expect((await summarize(parameter)).copies).toMatchObject([{ lost: true }, { lost: true }]);
});

test('totals count storage bytes by device, in the order of the numbers', () => {
  const runtime = openRuntime();
  const [a, b] = [ones(runtime), ones(runtime, 'v')];
  b.gradReq = 'null';
  b.resetDevice([cpu(10), cpu(1)]);
  expect(deviceTotals([a, b, new Parameter('u', { shape: [3], runtime })])).toEqual([
    { device: 'cpu(0)', copies: 16, gradients: 16 },
    { device: 'cpu(1)', copies: 32, gradients: 16 },
    { device: 'cpu(10)', copies: 16, gradients: 0 },
  ]);
});
