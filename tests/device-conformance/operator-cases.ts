import type { Attributes, Handle } from '../../core/device/protocol.ts';
import type { DType } from '../../core/ndarray/dtype.ts';
import type { Shape } from '../../core/ndarray/shape.ts';
import type { Bench } from './bench.ts';
import type { Case } from './case.ts';

const FLOATS = ['float32', 'bfloat16', 'float16', 'float8_e4m3fn'] as const satisfies readonly DType[];
const INTEGERS = ['int32', 'int8', 'uint16'] as const satisfies readonly DType[];
const SPECIAL = [Number.NaN, Infinity, -Infinity, 0, -0, 1, -1, 3.5, -3.5, 1e-3, 50, -50, 88, -88, 1e30, -1e30];

/** Runs an operator on both sides and compares what it makes. */
async function check(
  bench: Bench,
  name: string,
  inputs: readonly Handle[],
  output: { readonly dtype: DType; readonly shape: Shape },
  attributes: Attributes = {},
): Promise<void> {
  const [result = 0] = await bench.invoke({ name, inputs, outputs: [output], attributes });
  try {
    await bench.close(result);
  } catch (error) {
    const dtypes = inputs.map((handle) => bench.spec(handle).dtype).join(', ');
    throw new Error(`${name}(${dtypes}): ${error instanceof Error ? error.message : error}`);
  }
  await bench.free(result);
}

function named(name: string, run: (bench: Bench) => Promise<void>): Case {
  return { name, run };
}

const ARITHMETIC = ['neg', 'square', 'abs', 'sign', 'relu'];
const FUNCTIONS: Readonly<Record<string, readonly [low: number, high: number]>> = {
  sqrt: [0, 9],
  exp: [-20, 20],
  log: [0.01, 4],
  sigmoid: [-9, 9],
  tanh: [-3, 3],
  softrelu: [-20, 20],
  softsign: [-5, 5],
};

const UNARY_CASES: readonly Case[] = [
  ...ARITHMETIC.map((name) =>
    named(`${name} of every kind of number`, async (bench) => {
      for (const dtype of [...FLOATS, ...INTEGERS]) {
        const spec = { dtype, shape: [13, 7] };
        await check(bench, name, [await bench.numbers(spec, -300, 300)], spec);
      }
      const special = { dtype: 'float32', shape: [SPECIAL.length] } as const;
      await check(bench, name, [await bench.values(special, SPECIAL)], special);
    }),
  ),
  ...Object.entries(FUNCTIONS).map(([name, [low, high]]) =>
    named(`${name} to 1e-5`, async (bench) => {
      for (const dtype of FLOATS) {
        const spec = { dtype, shape: [2000] };
        await check(bench, name, [await bench.numbers(spec, low, high)], spec);
      }
      const near = { dtype: 'float32', shape: [1000] } as const;
      const middle = name === 'log' ? 1 : 0;
      await check(bench, name, [await bench.numbers(near, middle, middle + 1e-3)], near);
      const special = { dtype: 'float32', shape: [SPECIAL.length] } as const;
      await check(bench, name, [await bench.values(special, SPECIAL)], special);
      const integers = await bench.numbers({ dtype: 'int8', shape: [64] }, 0, 20);
      await check(bench, name, [integers], { dtype: 'float32', shape: [64] });
    }),
  ),
  named('clip, identity, ones_like, zeros_like, full, scalar_like, arange', async (bench) => {
    for (const dtype of [...FLOATS, ...INTEGERS]) {
      const spec = { dtype, shape: [50] };
      const array = await bench.numbers(spec, -90, 90);
      await check(bench, 'clip', [array], spec, { low: -20.5, high: 30.25 });
      for (const name of ['identity', 'ones_like', 'zeros_like']) await check(bench, name, [array], spec);
      await check(bench, 'full', [], spec, { value: 300.7 });
      await check(bench, 'scalar_like', [array], { dtype, shape: [] }, { value: -3.3 });
      await check(bench, 'arange', [], spec, { start: -3, step: 0.5 });
    }
    const special = { dtype: 'float32', shape: [SPECIAL.length] } as const;
    await check(bench, 'clip', [await bench.values(special, SPECIAL)], special, { low: -2, high: Infinity });
  }),
];

const BROADCASTS: readonly (readonly [Shape, Shape, Shape])[] = [
  [
    [6, 5],
    [6, 5],
    [6, 5],
  ],
  [
    [2, 1, 4],
    [3, 1],
    [2, 3, 4],
  ],
  [[], [3, 2], [3, 2]],
  [
    [2, 3, 1, 5, 1, 2],
    [3, 4, 1, 3, 1],
    [2, 3, 4, 5, 3, 2],
  ],
];

const BINARY_CASES: readonly Case[] = [
  ...['add', 'sub', 'mul', 'div', 'maximum', 'minimum'].map((name) =>
    named(`${name} with broadcasting`, async (bench) => {
      for (const dtype of [...FLOATS, ...INTEGERS]) {
        const result = name === 'div' && INTEGERS.some((integer) => integer === dtype) ? 'float32' : dtype;
        // Programs depend on the rank, not on the dtype: two are tried with all.
        const isAll = dtype === 'float32' || dtype === 'int32';
        for (const [left, right, shape] of isAll ? BROADCASTS : BROADCASTS.slice(0, 2)) {
          const a = await bench.numbers({ dtype, shape: left }, -100, 100);
          const b = await bench.numbers({ dtype, shape: right }, 1, 100);
          await check(bench, name, [a, b], { dtype: result, shape });
          await check(bench, name, [a], { dtype: result, shape: left }, { scalar: 7 });
          await check(bench, name, [b], { dtype: result, shape: right }, { scalar: 7, scalarFirst: true });
        }
      }
      const pairs = SPECIAL.flatMap((a) => SPECIAL.map((b) => [a, b] as const));
      const spec = { dtype: 'float32', shape: [pairs.length] } as const;
      const a = await bench.values(
        spec,
        pairs.map(([value]) => value),
      );
      const b = await bench.values(
        spec,
        pairs.map(([, value]) => value),
      );
      await check(bench, name, [a, b], spec);
    }),
  ),
  named('int32 and narrow integers wrap', async (bench) => {
    for (const dtype of ['int32', 'int8', 'uint8', 'int16', 'uint16'] as const) {
      const spec = { dtype, shape: [500] };
      const [a, b] = [await bench.numbers(spec, -3e9, 3e9), await bench.numbers(spec, -3e9, 3e9)];
      for (const name of ['add', 'sub', 'mul']) await check(bench, name, [a, b], spec);
      await check(bench, 'square', [a], spec);
      await check(bench, 'neg', [a], spec);
    }
  }),
  named('power', async (bench) => {
    const spec = { dtype: 'float32', shape: [400] } as const;
    const a = await bench.numbers(spec, 0.1, 4);
    await check(bench, 'power', [a, await bench.numbers(spec, -4, 4)], spec);
    const signed = await bench.numbers(spec, -3, 3);
    for (const scalar of [0, 1, 2, 3, -1, -2, 0.5, 1.5]) await check(bench, 'power', [signed], spec, { scalar });
    for (const dtype of INTEGERS) {
      const integers = { dtype, shape: [200] };
      const exponents = await bench.numbers(integers, -3, 9);
      await check(bench, 'power', [await bench.numbers(integers, -9, 9), exponents], integers);
    }
  }),
  ...['equal', 'not_equal', 'less', 'less_equal', 'greater', 'greater_equal'].map((name) =>
    named(`${name} gives bool`, async (bench) => {
      const pairs = SPECIAL.flatMap((a) => SPECIAL.map((b) => [a, b] as const));
      const shape = [pairs.length];
      for (const dtype of ['float32', 'float16', 'int32', 'int8', 'bool'] as const) {
        const a = await bench.values(
          { dtype, shape },
          pairs.map(([value]) => value),
        );
        const b = await bench.values(
          { dtype, shape },
          pairs.map(([, value]) => value),
        );
        await check(bench, name, [a, b], { dtype: 'bool', shape });
        await check(bench, name, [a], { dtype: 'bool', shape }, { scalar: 1 });
      }
    }),
  ),
];

const REDUCTION_CASES: readonly Case[] = [
  ...['sum', 'mean', 'max', 'min'].map((name) =>
    named(`${name} over any axes`, async (bench) => {
      const cases: readonly (readonly [Shape, readonly number[], Shape])[] = [
        [[7], [0], []],
        [[4, 5, 6], [1], [4, 6]],
        [[4, 5, 6], [0, 2], [5]],
        [
          [3, 4, 5, 2],
          [1, 3],
          [3, 5],
        ],
        [[2, 3000], [1], [2]],
        [[3000, 2], [0], [2]],
        [[300_000], [0], []],
      ];
      for (const [index, [shape, axes, result]] of cases.entries()) {
        for (const dtype of index % 2 === 0
          ? (['float32', 'int8'] as const)
          : (['float32', 'bfloat16', 'int32'] as const)) {
          const output = name === 'mean' && dtype.startsWith('int') ? 'float32' : dtype;
          const array = await bench.numbers({ dtype, shape }, -100, 100);
          await check(bench, name, [array], { dtype: output, shape: result }, { axes });
          await bench.free(array);
        }
      }
      const withNaN = await bench.values({ dtype: 'float32', shape: [2, 3] }, [1, Number.NaN, 2, 3, Infinity, -5]);
      await check(bench, name, [withNaN], { dtype: 'float32', shape: [2] }, { axes: [1] });
    }),
  ),
  named('arrays of more elements than one dispatch has along an axis', async (bench) => {
    const spec = { dtype: 'float32', shape: [4_300_001] } as const;
    const array = await bench.numbers(spec);
    await check(bench, 'square', [array], spec);
    await check(bench, 'sum', [array], { dtype: 'float32', shape: [] }, { axes: [0] });
  }),
  named('argmax finds the first', async (bench) => {
    for (const dtype of ['float32', 'int8', 'int32'] as const) {
      const array = await bench.numbers({ dtype, shape: [4, 9, 5] }, -9, 9);
      await check(bench, 'argmax', [array], { dtype: 'int32', shape: [4, 5] }, { axes: [1] });
    }
    const special = await bench.values({ dtype: 'float32', shape: [2, 4] }, [1, 3, 3, 2, 1, Number.NaN, 5, Number.NaN]);
    await check(bench, 'argmax', [special], { dtype: 'int32', shape: [2] }, { axes: [1] });
  }),
];

const LAYOUT_CASES: readonly Case[] = [
  named('reshape, expand_dims, squeeze, flatten move nothing', async (bench) => {
    for (const dtype of ['float32', 'bool', 'int32', 'complex64'] as const) {
      const array = await bench.bytes(
        { dtype, shape: [4, 6] },
        bench.random.bytes(24 * (dtype === 'bool' ? 1 : dtype === 'complex64' ? 8 : 4)),
      );
      for (const name of ['reshape', 'expand_dims', 'squeeze', 'flatten']) {
        const [result = 0] = await bench.invoke({ name, inputs: [array], outputs: [{ dtype, shape: [24] }] });
        await bench.same(result);
      }
    }
  }),
  named('transpose, broadcast_to', async (bench) => {
    for (const dtype of ['float32', 'int8', 'int32', 'bool', 'complex64'] as const) {
      const array = await bench.numbers({ dtype, shape: [2, 3, 4, 5] }, -50, 50);
      await check(bench, 'transpose', [array], { dtype, shape: [5, 3, 2, 4] }, { axes: [3, 1, 0, 2] });
      const narrow = await bench.numbers({ dtype, shape: [3, 1, 2] }, -50, 50);
      await check(bench, 'broadcast_to', [narrow], { dtype, shape: [4, 3, 5, 2] });
    }
  }),
  named('slice, slice_backward, slice_assign', async (bench) => {
    const slices: readonly (readonly [string, Shape])[] = [
      ['1:3', [2, 5, 6]],
      ['...,::2', [4, 5, 3]],
      ['2,1:5:2', [2, 6]],
      ['::-1,3', [4, 6]],
      ['3:0:-2,:,4:1:-1', [2, 5, 3]],
    ];
    for (const dtype of ['float32', 'int32', 'bool', 'bfloat16'] as const) {
      const array = await bench.numbers({ dtype, shape: [4, 5, 6] }, -50, 50);
      for (const [slice, shape] of slices) {
        await check(bench, 'slice', [array], { dtype, shape }, { slice });
        const part = await bench.numbers({ dtype, shape }, -50, 50);
        await check(bench, 'slice_backward', [part], { dtype, shape: [4, 5, 6] }, { slice });
        const target = await bench.cast(array, dtype);
        await bench.invoke({ name: 'slice_assign', inputs: [part], into: [target], attributes: { slice } });
        await bench.same(target);
        const row = await bench.numbers({ dtype, shape: shape.slice(-1) }, -50, 50);
        await bench.invoke({ name: 'slice_assign', inputs: [row], into: [target], attributes: { slice } });
        await bench.same(target);
        await bench.same(array);
      }
    }
  }),
  named('concat', async (bench) => {
    for (const dtype of ['float32', 'int32', 'bool'] as const) {
      const parts = [];
      for (const size of [1, 3, 2]) parts.push(await bench.numbers({ dtype, shape: [2, size, 3] }, -9, 9));
      await check(bench, 'concat', parts, { dtype, shape: [2, 6, 3] }, { axis: 1 });
      const many = [];
      for (let i = 0; i < 8; i++) many.push(await bench.numbers({ dtype, shape: [2, 2] }, -9, 9));
      await check(bench, 'concat', many, { dtype, shape: [16, 2] }, { axis: 0 });
    }
  }),
  named('assign_range, assign_broadcast', async (bench) => {
    for (const dtype of ['float32', 'bfloat16', 'int8', 'int32', 'bool'] as const) {
      const target = await bench.numbers({ dtype, shape: [4, 6] }, -90, 90);
      const part = await bench.numbers({ dtype: 'float32', shape: [5] }, -300, 300);
      await bench.invoke({ name: 'assign_range', inputs: [part], into: [target], attributes: { offset: 7 } });
      await bench.same(target);
      const row = await bench.numbers({ dtype: 'float32', shape: [4, 1] }, -300, 300);
      await bench.invoke({ name: 'assign_broadcast', inputs: [row], into: [target] });
      await bench.same(target);
    }
  }),
  named('take, take_backward, pick, one_hot, where', async (bench) => {
    for (const index of ['int32', 'float32', 'uint8'] as const) {
      const indices = await bench.numbers({ dtype: index, shape: [3, 2] }, -2, 9);
      for (const dtype of ['float32', 'bfloat16', 'int32'] as const) {
        const table = await bench.numbers({ dtype, shape: [2, 6, 4] });
        await check(bench, 'take', [table, indices], { dtype, shape: [2, 3, 2, 4] }, { axis: 1 });
        const head = await bench.numbers({ dtype, shape: [2, 3, 2, 4] });
        await check(bench, 'take_backward', [head, indices], { dtype, shape: [2, 6, 4] }, { axis: 1 });
        const rows = await bench.numbers({ dtype, shape: [3, 2, 5] });
        await check(bench, 'pick', [rows, indices], { dtype, shape: [3, 2] });
      }
      await check(bench, 'one_hot', [indices], { dtype: 'float32', shape: [3, 2, 5] }, { depth: 5 });
    }
    for (const dtype of ['float32', 'int32', 'int8', 'bool'] as const) {
      const a = await bench.numbers({ dtype, shape: [4, 1] }, -9, 9);
      const b = await bench.numbers({ dtype, shape: [3] }, -9, 9);
      for (const condition of ['bool', 'float32', 'int8'] as const) {
        const chosen = await bench.values({ dtype: condition, shape: [4, 3] }, [0, 1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 1]);
        await check(bench, 'where', [chosen, a, b], { dtype, shape: [4, 3] });
      }
    }
  }),
];

const LAYER_CASES: readonly Case[] = [
  named('batch_matmul, transposed and broadcast', async (bench) => {
    const cases: readonly (readonly [Shape, Shape, Shape, boolean, boolean])[] = [
      [[7, 5], [5, 3], [7, 3], false, false],
      [[64, 129], [70, 129], [64, 70], false, true],
      [[5, 7], [5, 3], [7, 3], true, false],
      [[5, 7], [3, 5], [7, 3], true, true],
      [[2, 1, 4, 3], [3, 3, 2], [2, 3, 4, 2], false, false],
      [[1, 1], [1, 600], [1, 600], false, false],
    ];
    for (const [left, right, shape, transposeA, transposeB] of cases) {
      for (const dtype of ['float32', 'bfloat16', 'int32', 'int8'] as const) {
        const a = await bench.numbers({ dtype, shape: left }, -9, 9);
        const b = await bench.numbers({ dtype, shape: right }, -9, 9);
        await check(bench, 'batch_matmul', [a, b], { dtype, shape }, { transposeA, transposeB });
      }
    }
  }),
  named('convolution and its gradients, strided, padded, dilated, grouped', async (bench) => {
    const cases = [
      { data: [2, 3, 8, 7], weight: [4, 3, 3, 3], output: [2, 4, 6, 5], attributes: {} },
      {
        data: [2, 4, 9, 9],
        weight: [6, 2, 3, 2],
        output: [2, 6, 5, 5],
        attributes: { stride: [2, 2], pad: [1, 1], numGroup: 2 },
      },
      { data: [1, 2, 11, 10], weight: [3, 2, 3, 3], output: [1, 3, 7, 6], attributes: { dilate: [2, 2] } },
    ];
    for (const { data, weight, output, attributes } of cases) {
      for (const dtype of ['float32', 'bfloat16'] as const) {
        const x = await bench.numbers({ dtype, shape: data });
        const w = await bench.numbers({ dtype, shape: weight });
        const g = await bench.numbers({ dtype, shape: output });
        const all = { kernel: weight.slice(2), ...attributes };
        await check(bench, 'convolution_unbiased', [x, w], { dtype, shape: output }, all);
        await check(bench, 'convolution_backward_data', [g, w], { dtype, shape: data }, all);
        await check(bench, 'convolution_backward_weight', [g, x], { dtype, shape: weight }, all);
      }
    }
  }),
  named('pooling and its gradient', async (bench) => {
    for (const poolType of ['max', 'avg']) {
      for (const [attributes, shape] of [
        [{ kernel: [2, 2], stride: [2, 2] }, [2, 3, 4, 3]],
        [{ kernel: [3, 3], stride: [1, 2], pad: [1, 1] }, [2, 3, 8, 4]],
        [{ globalPool: true, kernel: [1, 1] }, [2, 3, 1, 1]],
      ] as const) {
        // Few different values: windows have several largest.
        const data = await bench.numbers({ dtype: 'int8', shape: [2, 3, 8, 7] }, -3, 3);
        const x = await bench.cast(data, 'float32');
        const g = await bench.numbers({ dtype: 'float32', shape });
        const all: Attributes = { ...attributes, poolType };
        const [y = 0] = await bench.invoke({
          name: 'pooling',
          inputs: [x],
          outputs: [{ dtype: 'float32', shape }],
          attributes: all,
        });
        await bench.close(y);
        await check(bench, 'pooling_backward', [g, x, y], { dtype: 'float32', shape: [2, 3, 8, 7] }, all);
      }
    }
  }),
  named('optimizers change weights and states in place', async (bench) => {
    const shared = { lr: 0.05, wd: 0.01, rescale_grad: 0.5, clip_gradient: 0.7 };
    const adam = { ...shared, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    const optimizers: Readonly<Record<string, readonly [states: number, attributes: Attributes]>> = {
      sgd_update: [0, shared],
      sgd_mom_update: [1, { ...shared, momentum: 0.9, clip_gradient: -1 }],
      adam_update: [2, adam],
      adamw_update: [2, adam],
    };
    for (const [name, [states, attributes]] of Object.entries(optimizers)) {
      for (const dtype of ['float32', 'bfloat16'] as const) {
        const spec = { dtype, shape: [11, 9] };
        const into = [await bench.numbers(spec)];
        for (let i = 0; i < states; i++) into.push(await bench.zeros(spec));
        for (let step = 0; step < 3; step++) {
          await bench.invoke({ name, inputs: [await bench.numbers(spec)], into, attributes });
          for (const array of into) await bench.close(array);
          // From equal states on: steps of a narrow dtype would add up.
          if (dtype !== 'float32') break;
        }
      }
    }
  }),
  named('add_n rounds once', async (bench) => {
    for (const dtype of [...FLOATS, ...INTEGERS, 'bool'] as const) {
      const spec = { dtype, shape: [99] };
      const addends = [];
      for (let i = 0; i < 3; i++) addends.push(await bench.numbers(spec, -100, 100));
      await check(bench, 'add_n', addends, spec);
    }
  }),
];

/** What has no program runs by the kernels of the cpu, and is as good. */
const FALLBACK_CASES: readonly Case[] = [
  named('operators without a program run on the processor', async (bench) => {
    const spec = { dtype: 'float32', shape: [2, 2, 4, 4] } as const;
    await check(bench, 'bilinear', [], spec);
    const draw = { seed_low: 1, seed_high: 2, draw: 3 };
    await check(bench, 'random_uniform', [], spec, { low: -1, high: 1, ...draw });
    await check(bench, 'random_normal', [], spec, { sigma: 0.5, ...draw });
    const complex = { dtype: 'complex64', shape: [8] } as const;
    const [a, b] = [await bench.bytes(complex, floats(bench, 16)), await bench.bytes(complex, floats(bench, 16))];
    for (const name of ['add', 'mul', 'div']) {
      const [result = 0] = await bench.invoke({ name, inputs: [a, b], outputs: [complex] });
      await bench.same(result);
    }
    for (const name of ['sum', 'mean']) {
      const empty = await bench.zeros({ dtype: 'float32', shape: [0, 3] });
      await check(bench, name, [empty], { dtype: 'float32', shape: [3] }, { axes: [0] });
    }
  }),
];

function floats(bench: Bench, count: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Float32Array.from(bench.random.numbers(count)).buffer);
}

export const OPERATOR_CASES: readonly Case[] = [
  ...UNARY_CASES,
  ...BINARY_CASES,
  ...REDUCTION_CASES,
  ...LAYOUT_CASES,
  ...LAYER_CASES,
  ...FALLBACK_CASES,
];
