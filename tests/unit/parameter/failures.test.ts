import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cpu } from '../../../core/device/device.ts';
import { ParascopeError } from '../../../core/errors.ts';
import type { DType } from '../../../core/ndarray/dtype.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import { GRAD_REQS, type GradReq } from '../../../core/parameter/parameter-options.ts';
import { warnings } from '../../../core/warnings.ts';
import { openRuntime } from '../device/runtimes.ts';
import { float32Source } from './sources.ts';

/** One call on a Parameter, and what it is, for the report of a failure. */
interface Call {
  readonly what: string;
  readonly run: (p: Parameter) => unknown;
}

const shapes = fc.constantFrom<number[]>([2], [3], [0], [2, 2], [-2], []);
const devices = fc.constantFrom([cpu(0)], [cpu(1), cpu(0)], [cpu(2)], []);
const inits = fc.constantFrom(undefined, 'ones', 'uniform', 'xavier', 'no such');
const dtypes = fc.constantFrom<DType>('float32', 'float16', 'int8', 'int64', 'float4_e2m1fn');
const values = fc.constantFrom<number[] | number[][]>(
  [1, 2],
  [1, 2, 3],
  [
    [1, 2],
    [3, 4],
  ],
  [[1], [2, 3]],
);

const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ init: inits, device: devices, forceReinit: fc.boolean() }).map((options) => ({
    what: `initialize ${JSON.stringify(options)}`,
    run: (p: Parameter) => p.initialize(options),
  })),
  values.map((data) => ({ what: `setData ${JSON.stringify(data)}`, run: (p: Parameter) => p.setData(data) })),
  fc
    .record({ data: values, device: fc.option(devices), castDtype: fc.boolean() })
    .map(({ data, device, castDtype }) => ({
      what: `loadInit ${JSON.stringify(data)} on ${device}, castDtype ${castDtype}`,
      run: (p: Parameter) => p.loadInit(data, device, { castDtype }),
    })),
  fc.record({ failing: fc.boolean(), castDtype: fc.boolean() }).map(({ failing, castDtype }) => ({
    what: `loadInit of a ${failing ? 'failing ' : ''}source, castDtype ${castDtype}`,
    run: (p: Parameter) => p.loadInit(source(failing), null, { castDtype }),
  })),
  dtypes.map((dtype) => ({ what: `cast ${dtype}`, run: (p: Parameter) => p.cast(dtype) })),
  devices.map((device) => ({ what: `resetDevice ${device}`, run: (p: Parameter) => p.resetDevice(device) })),
  fc.constantFrom<GradReq>(...GRAD_REQS, 'sum' as GradReq).map((req) => ({
    what: `gradReq ${req}`,
    run: (p: Parameter) => {
      p.gradReq = req;
    },
  })),
  shapes.map((shape) => ({
    what: `shape ${JSON.stringify(shape)}`,
    run: (p: Parameter) => {
      p.shape = shape;
    },
  })),
  fc.record({ shape: shapes, dtype: dtypes }).map((asked) => ({
    what: `checkAndSetAttr ${JSON.stringify(asked)}`,
    run: (p: Parameter) => p.checkAndSetAttr(asked),
  })),
  fc.constantFrom(
    { what: 'finish', run: (p: Parameter) => p.finishDeferredInit() },
    { what: 'release', run: (p: Parameter) => p.release() },
    { what: 'data', run: (p: Parameter) => p.data() },
  ),
);

function source(failing: boolean) {
  return float32Source([4], [1, 2, 3, 4], () => (failing ? Promise.reject(new Error('unplugged')) : Promise.resolve()));
}

/** All that can be seen of a Parameter. */
async function snapshot(p: Parameter) {
  const arrays = [...p.lendCopies(), ...(p.gradients().length > 0 ? p.listGrad() : [])];
  return {
    state: [p.status, p.shape, p.dtype, p.gradReq, p.init, p.pending, p.source?.describe()],
    devices: p.status === 'uninitialized' ? [] : p.listDevice().map(String),
    bytes: await Promise.all(arrays.map((array) => array.bytes())),
  };
}

test('whatever was called before, a call that fails changes nothing and leaves no memory behind', async () => {
  const stop = warnings.subscribe(() => {});
  const made = fc.record({
    shape: fc.option(fc.constantFrom([2], [0], [0, 2], [4])),
    allowDeferredInit: fc.boolean(),
    stype: fc.constantFrom('default', 'row_sparse'),
    memoryBudget: fc.constantFrom(1e6, 40, 100),
  });
  await fc.assert(
    fc.asyncProperty(made, fc.array(call, { maxLength: 8 }), async ({ memoryBudget, ...options }, calls) => {
      const runtime = openRuntime({ memoryBudget });
      const p = new Parameter('w', { ...options, runtime });
      for (const { what, run } of calls) {
        const before = await snapshot(p);
        const held = runtime.heldBytes();
        const error: unknown = await Promise.resolve()
          .then(() => run(p))
          .then(() => null)
          .catch((cause: unknown) => cause);
        if (error === null) continue;
        if (!(error instanceof Error && error.message.includes('unplugged')))
          expect(error).toBeInstanceOf(ParascopeError);
        expect({ what, ...(await snapshot(p)) }).toEqual({ what, ...before });
        // Less where what an earlier call dropped was collected meanwhile.
        expect(runtime.heldBytes()).toBeLessThanOrEqual(held);
      }
      await runtime.close();
    }),
    { numRuns: 30 },
  );
  stop();
});
