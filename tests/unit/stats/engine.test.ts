import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { CancelledError, FileChangedError, InvalidStateError } from '../../../core/errors.ts';
import { type DType, dtypeInfo } from '../../../core/ndarray/dtype.ts';
import type { LazyTensor, TensorStep } from '../../../core/ndarray/lazy-tensor.ts';
import { STATS_PIECE_ELEMENTS } from '../../../core/stats/pieces.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import { scratchEngine } from './scratch-engine.ts';
import { base64, bytesOf, weights } from './support.ts';

const { scratch, engine } = scratchEngine(2);

/** More than a piece. */
const COUNT = STATS_PIECE_ELEMENTS + 100_000;

function large(seed = 1): LazyTensor {
  return scratch.tensor('float32', [COUNT], bytesOf(weights(COUNT, seed)));
}

/** Every way in which statistics are taken: by moments, by counts of codes, by counts alone. */
const OTHER_DTYPES = ['float16', 'bfloat16', 'float8_e4m3fn', 'int64', 'float64', 'complex64'] as const;

const MANY = weights(2 * STATS_PIECE_ELEMENTS + 100_000, 2);

/** A tensor of several pieces, whatever the dtype that its bytes are taken for. */
function largeOf(dtype: DType): LazyTensor {
  const tensor = scratch.tensor('float32', [MANY.length], bytesOf(MANY));
  return { ...tensor, dtype, shape: [(MANY.length * 32) / dtypeInfo(dtype).bits] };
}

describe('hash', () => {
  it('is the SHA-256 of the element bytes, before and after edits', async () => {
    const values = weights(200_003, 9);
    const tensor = scratch.tensor('float32', [200_003], bytesOf(values));
    const digest = (array: ArrayBufferView) => createHash('sha256').update(bytesOf(array)).digest('hex');
    expect(await engine.hash(tensor)).toBe(digest(values));
    const doubled = { ...tensor, steps: [{ kind: 'scale', factor: 2 } as const] };
    expect(await engine.hash(doubled)).toBe(digest(values.map((x) => x * 2)));
    expect(await engine.hash(scratch.tensor('int8', [0], new Uint8Array(0)))).toBe(digest(new Uint8Array(0)));
    const packed = Uint8Array.of(1, 2, 3);
    expect(await engine.hash(scratch.tensor('float4_e2m1fn', [5], packed))).toBe(digest(packed));
  });
});

describe('a file that changed', () => {
  const changes: Record<string, (path: string) => void> = {
    grew: (path) => appendFileSync(path, 'x'),
    shrank: (path) => truncateSync(path, 100),
    'was written to': (path) => utimesSync(path, 1, 1),
    'was replaced': (path) => {
      writeFileSync(`${path}.new`, Buffer.alloc(COUNT * 4 + 7));
      renameSync(`${path}.new`, path);
    },
    'is gone': (path) => rmSync(path),
  };

  for (const [how, change] of Object.entries(changes)) {
    it(`because it ${how} is refused by every request, without its path`, async () => {
      const tensor = large();
      await engine.hash(tensor);
      change(tensor.region.path);
      const range = [{ start: 0, count: 4, step: 1 }];
      for (const request of [
        () => engine.stats(tensor),
        () => engine.hash(tensor),
        () => engine.read(tensor, 0, 1),
        () => engine.cells(tensor, range),
        () => engine.diff(tensor, tensor),
      ]) {
        const error = await request().then(
          () => null,
          (reason: unknown) => reason,
        );
        expect(error).toBeInstanceOf(FileChangedError);
        expect((error as Error).message).not.toContain(scratch.folder);
      }
    });
  }
});

describe('a file that changes in the middle of a scan', () => {
  const changes: Record<string, (path: string) => void> = {
    shrinks: (path) => truncateSync(path, COUNT),
    'is written to': (path) => utimesSync(path, 1, 1),
  };
  for (const [how, change] of Object.entries(changes)) {
    it(`because it ${how} gives no numbers that mix two states`, async () => {
      const single = createTensorEngine({ threads: 1 });
      for (const scan of [
        (tensor: LazyTensor, onProgress: () => void) => single.stats(tensor, { onProgress }),
        (tensor: LazyTensor, onProgress: () => void) => single.quantiles(tensor, [0.5], { exact: true, onProgress }),
        (tensor: LazyTensor, onProgress: () => void) =>
          single.histogram(tensor, { scale: 'linear', range: 'robust' }, { onProgress }),
      ]) {
        const tensor = large();
        const running = scan(tensor, () => change(tensor.region.path));
        await expect(running).rejects.toBeInstanceOf(FileChangedError);
      }
      await single.close();
    });
  }

  for (const dtype of OTHER_DTYPES) {
    it(`gives no statistics of ${dtype} either`, async () => {
      // One thread: what it reports comes before it is given its next piece.
      const single = createTensorEngine({ threads: 1 });
      for (const change of Object.values(changes)) {
        const tensor = largeOf(dtype);
        const running = single.stats(tensor, { onProgress: () => change(tensor.region.path) });
        await expect(running).rejects.toBeInstanceOf(FileChangedError);
      }
      await single.close();
    });
  }

  it('is found out even where nothing is read again', async () => {
    const tensor = { ...large(), dtype: 'int16' as const, shape: [COUNT * 2] };
    const request = { scale: 'linear', range: 'robust' } as const;
    expect((await engine.histogram(tensor, request)).reread).toBe(false);
    utimesSync(tensor.region.path, 1, 1);
    await expect(engine.histogram(tensor, request)).rejects.toBeInstanceOf(FileChangedError);
    await expect(engine.quantiles(tensor, [0.5])).rejects.toBeInstanceOf(FileChangedError);
  });
});

describe('cancelling', () => {
  it('at any moment of any look rejects, and the next look is right', async () => {
    const tensor = large(6);
    const slice = { rowAxis: null, columnAxis: 0, index: [0] };
    const looks: ((signal?: AbortSignal) => Promise<unknown>)[] = [
      (signal) => engine.stats(tensor, { signal }),
      (signal) => engine.quantiles(tensor, [0.1, 0.9], { exact: true, signal }),
      (signal) => engine.histogram(tensor, { scale: 'symlog', range: 'robust' }, { signal }),
      (signal) => engine.axisNorms(tensor, slice, 'row', { signal }),
    ];
    for (const look of looks) {
      const expected = await look();
      for (const delay of [0, 1, 3, 8]) {
        const controller = new AbortController();
        const pending = look(controller.signal).catch((error: unknown) => error);
        setTimeout(() => controller.abort(), delay);
        const outcome = await pending;
        if (!(outcome instanceof CancelledError)) expect(outcome).toEqual(expected);
      }
      expect(await look()).toEqual(expected);
    }
  });

  for (const dtype of OTHER_DTYPES) {
    it(`at any moment of statistics of ${dtype} rejects, and the next are right`, async () => {
      const tensor = largeOf(dtype);
      const expected = await engine.stats(tensor);
      for (const after of [0, 1, 2]) {
        const controller = new AbortController();
        let reports = 0;
        const onProgress = () => {
          reports += 1;
          if (reports > after) controller.abort();
        };
        const outcome = await engine.stats(tensor, { signal: controller.signal, onProgress }).catch((error) => error);
        if (!(outcome instanceof CancelledError)) expect(outcome).toEqual(expected);
        expect(await engine.stats(tensor)).toEqual(expected);
      }
    });
  }

  it('rejects at once, whether the work waits or runs', async () => {
    const early = new AbortController();
    early.abort();
    await expect(engine.stats(large(), { signal: early.signal })).rejects.toBeInstanceOf(CancelledError);

    const late = new AbortController();
    const running = engine.stats(large(), { signal: late.signal, onProgress: () => late.abort() });
    await expect(running).rejects.toBeInstanceOf(CancelledError);

    const waiting = new AbortController();
    const others = [engine.hash(large()), engine.hash(large())];
    const behind = engine.hash(large(), { signal: waiting.signal });
    waiting.abort();
    await expect(behind).rejects.toBeInstanceOf(CancelledError);
    expect(new Set(await Promise.all(others)).size).toBe(1);
  });

  it('leaves the engine as good as new', async () => {
    const tensor = large(3);
    const expected = await engine.stats(tensor);
    const controllers = Array.from({ length: 6 }, () => new AbortController());
    const doomed = controllers.map(({ signal }) => engine.stats(tensor, { signal }).catch((error: unknown) => error));
    const kept = engine.stats(tensor);
    for (const controller of controllers) controller.abort();
    for (const outcome of await Promise.all(doomed)) expect(outcome).toBeInstanceOf(CancelledError);
    expect(await kept).toEqual(expected);
  });
});

describe('priority', () => {
  it('lets a look overtake what waits of a scan, but for the piece that a worker has already', async () => {
    const single = createTensorEngine({ threads: 1 });
    const order: string[] = [];
    const scans = Array.from({ length: 4 }, (_, k) =>
      single.stats(large(k), { priority: 'background' }).then(() => order.push('scan')),
    );
    await Promise.race(scans);
    const look = single.cells(large(), [{ start: 0, count: 4, step: 1 }]).then(() => order.push('look'));
    await Promise.all([...scans, look]);
    await single.close();
    expect(order.indexOf('look')).toBeLessThan(3);
  });

  it('starts its threads before there is work where it is told to', async () => {
    const flag = scratch.path();
    vi.stubEnv('PARASCOPE_TEST_FLAG', flag);
    const workerUrl = new URL('./workers/tells-start.mjs', import.meta.url);
    const eager = createTensorEngine({ threads: 1, startNow: true, workerUrl });
    await expect.poll(() => existsSync(flag), { timeout: 10_000 }).toBe(true);
    await eager.close();
    vi.unstubAllEnvs();
    const used = createTensorEngine({ threads: 2, startNow: true });
    expect(await used.stats(large())).toEqual(await engine.stats(large()));
    await used.close();
  });

  it('lets a look overtake a scan in the background', async () => {
    const single = createTensorEngine({ threads: 1 });
    const order: string[] = [];
    const scan = single.stats(large(), { priority: 'background' }).then(() => order.push('scan'));
    const look = single.cells(large(), [{ start: 0, count: 4, step: 1 }]).then(() => order.push('look'));
    await Promise.all([scan, look]);
    await single.close();
    expect(order).toEqual(['look', 'scan']);
  });
});

describe('a worker that dies', () => {
  const dying = (name: string) => new URL(`./workers/${name}`, import.meta.url);

  it('costs nothing but time: its piece is done again', async () => {
    const tensor = large(5);
    const flag = scratch.path();
    vi.stubEnv('PARASCOPE_TEST_FLAG', flag);
    const fragile = createTensorEngine({ threads: 2, workerUrl: dying('dies-once.mjs') });
    const seen: number[] = [];
    const stats = await fragile.stats(tensor, { onProgress: (bytes) => seen.push(bytes) });
    expect(stats).toEqual(await engine.stats(tensor));
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(tensor.region.nbytes);
    expect(existsSync(flag)).toBe(true);
    await fragile.close();
    rmSync(flag);
    const counting = createTensorEngine({ threads: 2, workerUrl: dying('dies-once.mjs') });
    const exact = await counting.quantiles(tensor, [0.25], { exact: true });
    expect(exact).toEqual(await engine.quantiles(tensor, [0.25], { exact: true }));
    expect(existsSync(flag)).toBe(true);
    await counting.close();
    vi.unstubAllEnvs();
  });

  it('takes no piece along that waited behind its own', async () => {
    const tensor = largeOf('float32');
    const flag = scratch.path();
    vi.stubEnv('PARASCOPE_TEST_FLAG', flag);
    vi.stubEnv('PARASCOPE_TEST_PIECE', '1');
    const fragile = createTensorEngine({ threads: 1, workerUrl: dying('dies-once.mjs') });
    expect(await fragile.stats(tensor)).toEqual(await engine.stats(tensor));
    expect(existsSync(flag)).toBe(true);
    await fragile.close();
    vi.unstubAllEnvs();
  });

  it('costs nothing but time whatever the dtype', async () => {
    for (const dtype of OTHER_DTYPES) {
      const other = largeOf(dtype);
      const flag = scratch.path();
      vi.stubEnv('PARASCOPE_TEST_FLAG', flag);
      const fragile = createTensorEngine({ threads: 2, workerUrl: dying('dies-once.mjs') });
      expect(await fragile.stats(other)).toEqual(await engine.stats(other));
      expect(existsSync(flag)).toBe(true);
      await fragile.close();
    }
    vi.unstubAllEnvs();
  });

  it('twice over one piece is an error that says so', async () => {
    const fragile = createTensorEngine({ threads: 1, workerUrl: dying('always-dies.mjs') });
    const error = await fragile.hash(large()).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(InvalidStateError);
    expect((error as Error).message).toContain(`stopped twice over the hash of a tensor float32 (${COUNT})`);
    await fragile.close();
  });
});

describe('close', () => {
  it('ends what runs and refuses what comes', async () => {
    const short = createTensorEngine({ threads: 1 });
    const pending = short.hash(large()).catch((error: unknown) => error);
    await short.close();
    expect(await pending).toBeInstanceOf(CancelledError);
    await expect(short.hash(large())).rejects.toMatchObject({ code: 'INVALID_STATE' });
  });
});

describe('a request that fits no tensor', () => {
  const tensor = scratch.tensor('float32', [2, 3], new Uint8Array(24));
  const packed = scratch.tensor('float4_e2m1fn', [8], new Uint8Array(4));
  const one = base64(Float32Array.of(1));
  const all = [
    { start: 0, count: 2, step: 1 },
    { start: 0, count: 3, step: 1 },
  ];
  const withSteps = (...steps: TensorStep[]): LazyTensor => ({ ...tensor, steps });

  const refused: readonly [what: string, code: string, request: () => Promise<unknown>][] = [
    ['bins', 'INVALID_ARGUMENT', () => engine.stats(tensor, { bins: 0 })],
    ['a fraction of a bin', 'INVALID_ARGUMENT', () => engine.stats(tensor, { bins: 1.5 })],
    ['too many bins', 'INVALID_ARGUMENT', () => engine.stats(tensor, { bins: 5000 })],
    ['a shape that the bytes do not have', 'INVALID_ARGUMENT', () => engine.hash({ ...tensor, shape: [7] })],
    ['a negative size', 'INVALID_ARGUMENT', () => engine.hash({ ...tensor, shape: [-2, -3] })],
    ['elements behind the end', 'INVALID_ARGUMENT', () => engine.read(tensor, 4, 3)],
    ['a slice of too few axes', 'INVALID_ARGUMENT', () => engine.cells(tensor, [{ start: 0, count: 1, step: 1 }])],
    ['an index outside', 'INVALID_ARGUMENT', () => engine.cells(tensor, [{ start: 1, count: 2, step: 1 }, all[1]!])],
    ['a step of 0', 'INVALID_ARGUMENT', () => engine.cells(tensor, [{ start: 0, count: 1, step: 0 }, all[1]!])],
    ['a fill of two bytes', 'INVALID_ARGUMENT', () => engine.hash(withSteps({ kind: 'fill', element: 'AAA=' }))],
    [
      'too little data',
      'INVALID_ARGUMENT',
      () => engine.hash(withSteps({ kind: 'set', ranges: all, data: one.slice(0, 4) })),
    ],
    [
      'an edit of packed elements',
      'UNSUPPORTED_DTYPE',
      () => engine.hash({ ...packed, steps: [{ kind: 'scale', factor: 2 }] }),
    ],
    [
      'an edit after a cast to packed',
      'UNSUPPORTED_DTYPE',
      () => engine.hash(withSteps({ kind: 'cast', dtype: 'f6_e2m3' }, { kind: 'fill', element: 'AA==' })),
    ],
  ];

  for (const [what, code, request] of refused) {
    it(`is refused: ${what}`, async () => {
      await expect(request()).rejects.toMatchObject({ code });
    });
  }

  it('is refused: more cells or bytes than one answer holds', async () => {
    const many = scratch.tensor('int8', [2 ** 21], new Uint8Array(2 ** 21));
    const cells = engine.cells(many, [{ start: 0, count: 2 ** 20 + 1, step: 1 }]);
    await expect(cells).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const wide: LazyTensor = { ...many, shape: [2 ** 21], steps: [{ kind: 'cast', dtype: 'complex128' }] };
    expect(await engine.read(wide, 0, 1000)).toHaveLength(16_000);
  });
});

it('does not keep an idle process alive, and does keep a busy one', async () => {
  const tensor = large(8);
  const pool = fileURLToPath(new URL('../../../dist/core/stats/pool.js', import.meta.url));
  const script = `import { createTensorEngine } from ${JSON.stringify(pool)};
    console.log(await createTensorEngine().hash(${JSON.stringify(tensor)}));`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  expect({ status, stderr, stdout }).toEqual({ status: 0, stderr: '', stdout: `${await engine.hash(tensor)}\n` });
});
