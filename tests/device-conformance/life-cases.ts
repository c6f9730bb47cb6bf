import type { DeviceSurvey } from '../../core/device/protocol.ts';
import type { Bench } from './bench.ts';
import type { Case } from './case.ts';

/** Memory, errors and the loss of a device; the last ones, as they end devices. */
export const LIFE_CASES: readonly Case[] = [
  {
    name: 'frees what it made',
    run: async (bench) => {
      const census = async () => (await bench.gpu.answer({ kind: 'census' })) as { arrays: number; tensors: number };
      await bench.clear();
      const before = await census();
      const spec = { dtype: 'float32', shape: [50, 50] } as const;
      const [a, b] = [await bench.numbers(spec), await bench.numbers(spec)];
      for (let i = 0; i < 5; i++) {
        const made = await bench.invoke({ name: 'batch_matmul', inputs: [a, b], outputs: [spec] });
        const sum = await bench.invoke({
          name: 'sum',
          inputs: made,
          outputs: [{ dtype: 'float32', shape: [] }],
          attributes: { axes: [0, 1] },
        });
        await bench.gpu.answer({ kind: 'norm', handle: made[0] ?? 0 });
        await bench.close(sum[0] ?? 0);
      }
      await bench.clear();
      const after = await census();
      if (after.arrays !== before.arrays) throw new Error(`${after.arrays - before.arrays} arrays are left`);
      if (after.tensors > before.tensors) throw new Error(`${after.tensors - before.tensors} tensors are left`);
    },
  },
  {
    name: 'fails an op that cannot be done, and goes on',
    run: async (bench) => {
      const array = await bench.numbers({ dtype: 'float32', shape: [4] });
      await refused(
        bench.gpu.run({ kind: 'invoke', name: 'no_such_operator', inputs: [array], outputs: [], attributes: {} }),
        null,
      );
      await refused(
        bench.gpu.run({ kind: 'create', handle: 1e9, device: 'gpu(99)', dtype: 'float32', shape: [1] }),
        /gpu\(99\)/,
      );
      const [sum = 0] = await bench.invoke({
        name: 'sum',
        inputs: [array],
        outputs: [{ dtype: 'float32', shape: [] }],
        attributes: { axes: [0] },
      });
      await bench.close(sum);
      await bench.gpu.finish();
    },
  },
  {
    name: 'says that the driver refuses an array',
    run: async (bench) => {
      const { devices } = (await bench.gpu.answer({ kind: 'devices' })) as DeviceSurvey;
      const maxBufferSize = devices[0]?.limits.maxBufferSize ?? Number.POSITIVE_INFINITY;
      // WebGL has no such limit to run into, and large GPUs none below what an array may have.
      if (maxBufferSize > 2 ** 31) return;
      const handle = 1e9;
      await bench.gpu.run({
        kind: 'create',
        handle,
        device: 'gpu(0)',
        dtype: 'float32',
        shape: [maxBufferSize / 4 + 1],
      });
      const bytes = new Float32Array([1]).buffer;
      const upload = { kind: 'upload', handle, dtype: 'float32', offset: 0, bytes } as const;
      await refused(bench.gpu.run(upload), /gpu\(0\) (has no memory left|refused the work)/);
      await bench.gpu.run({ kind: 'free', handle });
      await bench.gpu.finish();
      await bench.same(await bench.numbers({ dtype: 'float32', shape: [100] }));
    },
  },
  {
    name: 'says that a device was lost under the work on it',
    run: async (bench) => {
      const spec = { dtype: 'float32', shape: [500_000] } as const;
      const array = await bench.numbers(spec, -2, 2, 'gpu(1)');
      const norm = bench.gpu.answer({ kind: 'norm', handle: array });
      bench.gpu.openDevices.find(({ name }) => name === 'gpu(1)')?.destroy();
      // WebGL gives zeros where its context is gone: then the loss shows at the next use.
      await norm.catch((error: unknown) => refused(Promise.reject(error), /gpu\(1\) was lost/));
      const loss = await lossOf(bench);
      if (loss?.devices.join() !== 'gpu(1)') throw new Error(`lost: ${JSON.stringify(loss)}`);
      await refused(bench.gpu.answer({ kind: 'norm', handle: array }), /gpu\(1\) was lost/);
      await bench.free(array);
      await bench.same(await bench.numbers(spec, -2, 2, 'gpu(1)'));
    },
  },
  {
    name: 'loses one device with its arrays and no other, and makes it anew',
    run: async (bench) => {
      const spec = { dtype: 'float32', shape: [1000] } as const;
      const lost = await bench.numbers(spec);
      const kept = await bench.numbers(spec, -2, 2, 'gpu(1)');
      await bench.invoke({ name: 'exp', inputs: [lost], outputs: [spec] });
      bench.gpu.openDevices.find(({ name }) => name === 'gpu(0)')?.destroy();
      const loss = await lossOf(bench);
      if (loss?.devices.join() !== 'gpu(0)') throw new Error(`lost: ${JSON.stringify(loss)}`);
      await refused(bench.gpu.answer({ kind: 'norm', handle: lost }), /gpu\(0\) was lost/);
      await bench.same(kept);
      const again = await bench.numbers(spec);
      const [result = 0] = await bench.invoke({ name: 'exp', inputs: [again], outputs: [spec] });
      await bench.close(result);
    },
  },
];

/** The next loss that is told. */
async function lossOf({ losses }: Bench): Promise<Bench['losses'][number] | undefined> {
  for (let i = 0; i < 250 && losses.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  return losses.shift();
}

async function refused(work: Promise<unknown>, message: RegExp | null): Promise<void> {
  const error = await work.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (error instanceof Error && (!message || message.test(error.message))) return;
  if (error === null && message === null) return;
  throw new Error(`expected a refusal like ${message}, got ${error}`);
}
