import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import type { ParameterTrainer } from '../../../core/parameter/trainer-link.ts';
import { openRuntime } from '../device/runtimes.ts';

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** What a WeakRef was asked for lives until the turn ends, so each collection has a turn of its own. */
async function collectUntil(isDone: () => boolean): Promise<void> {
  const collect = collector();
  const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 5));
  for (let i = 0; i < 100; i++) {
    await nextTurn();
    collect();
    await nextTurn();
    if (isDone()) return;
  }
}

function trainer(): ParameterTrainer {
  return {
    beforeSetData: () => {},
    rowSparsePull: () => {
      throw new Error('no rows are asked for here');
    },
  };
}

test('10,000 Parameters that were dropped leave nothing on the device', async () => {
  const runtime = openRuntime();
  const before = await runtime.census();
  for (let i = 0; i < 10_000; i++) {
    const p = new Parameter('w', { runtime, shape: [4], stype: i % 5 === 0 ? 'row_sparse' : 'default' });
    p.initialize({ init: 'ones', device: i % 2 === 0 ? cpu(0) : [cpu(0), cpu(1)] });
    if (i % 3 === 0) p.cast('float16');
    if (i % 7 === 0) p.gradReq = 'null';
  }
  await runtime.waitAll();
  await collectUntil(() => runtime.heldBytes() === 0);
  expect(runtime.heldBytes()).toBe(0);
  expect(await runtime.census()).toEqual(before);
});

test('P-193: a Trainer that was collected does not keep a sparse Parameter from another (decision)', async () => {
  const p = new Parameter('w', { runtime: openRuntime(), shape: [2, 1], stype: 'row_sparse' });
  const held = link(p);
  await collectUntil(() => held.deref() === undefined);
  expect(held.deref()).toBeUndefined();
  expect(() => p.rowSparseData([0])).toThrow('when no Trainer is created with it');
  p.setTrainer(trainer());
});

/** Nothing but the Parameter knows the Trainer when this returns. */
function link(p: Parameter): WeakRef<ParameterTrainer> {
  const first = trainer();
  p.setTrainer(first);
  return new WeakRef(first);
}
