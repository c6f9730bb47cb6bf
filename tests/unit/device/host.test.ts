import { expect, test } from 'vitest';
import { readFileRegion } from '../../../core/device/file-region.ts';
import type { Answer, FromWorker, Op, Query, ToWorker } from '../../../core/device/protocol.ts';
import { DeviceMemory } from '../../../core/device/worker/device-memory.ts';
import { type DeviceHost, serveDevices } from '../../../core/device/worker/host.ts';

/** The queue of a device worker without a worker around it. */
function openQueue(host: DeviceHost = new DeviceMemory(() => ({ devices: [], reason: null }))) {
  const posted: FromWorker[] = [];
  let accept = (_message: ToWorker): void => {};
  const waiting = new Map<number, (answer: Answer) => void>();
  serveDevices(host, {
    read: readFileRegion,
    post: (message) => {
      posted.push(message);
      if (message.type === 'answer') waiting.get(message.id)?.(message);
    },
    listen: (onMessage) => {
      accept = onMessage;
    },
  });
  let lastId = 0;
  return {
    posted,
    say: (message: ToWorker) => accept(message),
    run: (op: Op) => accept({ type: 'op', op }),
    ask: async (query: Query) => {
      const id = ++lastId;
      const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
      accept({ type: 'query', id, query });
      const answer = await answered;
      return answer.ok ? answer.value : answer.error.message;
    },
  };
}

function spoiledQueue() {
  const queue = openQueue();
  queue.run({ kind: 'create', handle: 1, device: 'cpu(0)', dtype: 'float32', shape: [2] });
  queue.run({ kind: 'cast', handle: 2, device: 'cpu(0)', source: 99, dtype: 'float32' });
  queue.run({ kind: 'cast', handle: 3, device: 'cpu(0)', source: 2, dtype: 'int8' });
  return queue;
}

test('an op that fails is silent until its result is read, and spoils what is made of it', async () => {
  const queue = spoiledQueue();
  expect(await queue.ask({ kind: 'norm', handle: 1 })).toBe(0);
  expect(await queue.ask({ kind: 'norm', handle: 3 })).toContain('no array 99');
  expect(await queue.ask({ kind: 'sync', handles: [1, 2] })).toContain('no array 99');
});

test('waitAll throws an error that nobody has seen, once', async () => {
  const queue = spoiledQueue();
  expect(await queue.ask({ kind: 'waitAll' })).toContain('no array 99');
  expect(await queue.ask({ kind: 'waitAll' })).toBeNull();
});

test('waitAll is silent about an error that a read has thrown', async () => {
  const queue = spoiledQueue();
  expect(await queue.ask({ kind: 'norm', handle: 2 })).toContain('no array 99');
  expect(await queue.ask({ kind: 'waitAll' })).toBeNull();
});

test('a failed write spoils its array, and freeing it clears the handle', async () => {
  const queue = spoiledQueue();
  queue.run({ kind: 'assign', handle: 1, source: 2 });
  expect(await queue.ask({ kind: 'norm', handle: 1 })).toContain('no array 99');
  for (const handle of [1, 2, 3]) queue.run({ kind: 'free', handle });
  expect(await queue.ask({ kind: 'census' })).toMatchObject({ arrays: 0, bytes: 0 });
  expect(await queue.ask({ kind: 'norm', handle: 1 })).toContain('no array 1');
});

test('ops of a host that waits run one after the other all the same', async () => {
  const log: string[] = [];
  const queue = openQueue({
    run: async (op) => {
      log.push(`begin ${op.kind}`);
      await new Promise((resolve) => setTimeout(resolve, op.kind === 'create' ? 20 : 1));
      log.push(`end ${op.kind}`);
      if (op.kind === 'zero') throw new Error('no zeros today');
    },
    answer: () => 1,
  });
  queue.run({ kind: 'create', handle: 1, device: 'gpu(0)', dtype: 'float32', shape: [2] });
  queue.run({ kind: 'zero', handle: 1 });
  expect(await queue.ask({ kind: 'norm', handle: 1 })).toContain('no zeros today');
  expect(log).toEqual(['begin create', 'end create', 'begin zero', 'end zero', 'begin free', 'end free']);
});

test('each upload is acknowledged once it is done with, also where it failed', async () => {
  const queue = openQueue();
  queue.run({ kind: 'create', handle: 1, device: 'cpu(0)', dtype: 'float32', shape: [2] });
  queue.run({ kind: 'upload', handle: 1, dtype: 'float32', offset: 0, bytes: new ArrayBuffer(8) });
  queue.run({ kind: 'upload', handle: 7, dtype: 'float32', offset: 0, bytes: new ArrayBuffer(4) });
  await queue.ask({ kind: 'sync', handles: [] });
  expect(queue.posted.filter(({ type }) => type === 'taken')).toEqual([
    { type: 'taken', bytes: 8 },
    { type: 'taken', bytes: 4 },
  ]);
});
