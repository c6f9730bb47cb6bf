import { z } from 'zod';
import { DTYPES, type DType } from '../ndarray/dtype.ts';
import { GRAD_REQS } from '../parameter/grad-req.ts';
import type { ParameterControls } from '../workspace/contract.ts';
import { PROBE_KINDS, type ProbeSpec } from '../workspace/parameter-probe/probe-kinds.ts';
import { type ApiContext, trpc } from './trpc.ts';

const { router, procedure } = trpc;

/**
 * The initializers that the window offers. Load, which opens files by their paths, and those that can
 * hold one (Mixed, RNNFused) are for programs: pages name no paths.
 */
export const INITIALIZER_NAMES = [
  'zero',
  'one',
  'constant',
  'uniform',
  'normal',
  'orthogonal',
  'xavier',
  'msraprelu',
  'bilinear',
  'lstmbias',
] as const;
export type InitializerName = (typeof INITIALIZER_NAMES)[number];

const MOST_DEVICES = 64;
const MOST_ARGUMENTS = 16;

const ofTensor = z.strictObject({ document: z.string().min(1).max(64), tensor: z.int().nonnegative() });
const deviceName = z.string().max(16);
const devices = z.array(deviceName).min(1).max(MOST_DEVICES);
const dtype = z.enum(DTYPES as unknown as [DType, ...DType[]]);
const seed = z.int().nonnegative();

const initializeInput = ofTensor.extend({
  initializer: z.enum(INITIALIZER_NAMES),
  arguments: z
    .record(z.string().max(64), z.union([z.number(), z.boolean(), z.string().max(64)]))
    .refine((given) => Object.keys(given).length <= MOST_ARGUMENTS, 'too many arguments')
    .default({}),
  devices: devices.optional(),
  forceReinit: z.boolean().default(false),
  seed: seed.optional(),
});

const probeInput = ofTensor.extend({
  as: z.enum(PROBE_KINDS),
  /** Made, or a tensor of an open document by its name. */
  batch: z.union([
    z.enum(['random', 'ones']),
    z.strictObject({ document: z.string().min(1).max(64), name: z.string().max(65_536) }),
  ]),
  seed,
  batchSize: z.int().min(1).max(4096),
  times: z.int().min(1).max(100),
});

export type ProbeInput = z.infer<typeof probeInput>;

function batchOf(context: ApiContext, batch: ProbeInput['batch']): ProbeSpec['batch'] {
  if (typeof batch === 'string') return batch;
  const document = context.workspace.document(batch.document);
  return { value: document.lazy(document.idOf(batch.name)), file: document.summary().name };
}

function controls(context: ApiContext, { document }: { readonly document: string }): ParameterControls {
  return context.workspace.document(document).parameters;
}

/** What the window does with live Parameters; each answers with what the Parameter is afterwards. */
export const parameters = router({
  load: procedure
    .input(ofTensor.extend({ devices: devices.optional() }))
    .mutation(({ ctx, input, signal }) =>
      controls(ctx, input).load(input.tensor, { signal, ...(input.devices && { devices: input.devices }) }),
    ),
  release: procedure.input(ofTensor).mutation(({ ctx, input }) => controls(ctx, input).release(input.tensor)),
  initialize: procedure
    .input(initializeInput)
    .mutation(({ ctx, input: { document, tensor, ...spec } }) =>
      controls(ctx, { document }).initialize(tensor, withoutUndefined(spec)),
    ),
  setGradReq: procedure
    .input(ofTensor.extend({ gradReq: z.enum(GRAD_REQS) }))
    .mutation(({ ctx, input }) => controls(ctx, input).setGradReq(input.tensor, input.gradReq)),
  setMultipliers: procedure
    .input(ofTensor.extend({ lrMult: z.number().optional(), wdMult: z.number().optional() }))
    .mutation(({ ctx, input: { document, tensor, ...multipliers } }) =>
      controls(ctx, { document }).setMultipliers(tensor, withoutUndefined(multipliers)),
    ),
  resetDevices: procedure
    .input(ofTensor.extend({ devices }))
    .mutation(({ ctx, input }) => controls(ctx, input).resetDevices(input.tensor, input.devices)),
  setCopy: procedure
    .input(ofTensor.extend({ device: deviceName, slice: z.string().max(4096), value: z.string().min(1).max(128) }))
    .mutation(({ ctx, input: { document, tensor, ...edit } }) => controls(ctx, { document }).setCopy(tensor, edit)),
  /** Asked for when somebody wants to see them: a copy may be large. */
  copyStatistics: procedure
    .input(ofTensor.extend({ device: deviceName }))
    .query(({ ctx, input }) => controls(ctx, input).copyStatistics(input.tensor, input.device)),
  cast: procedure
    .input(ofTensor.extend({ dtype }))
    .mutation(({ ctx, input }) => controls(ctx, input).cast(input.tensor, input.dtype)),
  zeroGrad: procedure.input(ofTensor).mutation(({ ctx, input }) => controls(ctx, input).zeroGrad(input.tensor)),
  restore: procedure
    .input(ofTensor)
    .mutation(({ ctx, input, signal }) => controls(ctx, input).restore(input.tensor, { signal })),
  probe: procedure
    .input(probeInput)
    .mutation(({ ctx, input: { document, tensor, ...spec }, signal }) =>
      controls(ctx, { document }).probe(tensor, { ...spec, batch: batchOf(ctx, spec.batch) }, { signal }),
    ),
});

type Present<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };

/** What the schema made optional and nobody gave is not there at all. */
function withoutUndefined<T extends object>(given: T): Present<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Present<T>;
}
