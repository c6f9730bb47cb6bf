import { z } from 'zod';
import { isSerializedError, type SerializedError } from '../../../core/errors.ts';

/** What may come from the page of the GPU window: `FromWorker` of core/device/protocol.ts. */

const count = z.number().nonnegative();
const id = z.int().nonnegative();
const text = z.string().max(4096);
const bytes = z.instanceof(ArrayBuffer);
const device = z.string().regex(/^gpu\(\d{1,4}\)$/);
const error = z.custom<SerializedError>(isSerializedError);

const census = z.object({ arrays: count, tensors: count, bytes: count });
const survey = z.object({
  devices: z
    .array(
      z.object({
        device,
        backend: z.enum(['webgpu', 'webgl']),
        adapter: text,
        driver: text,
        software: z.boolean(),
        limits: z.object({ maxArrayBytes: count }).catchall(z.number()),
        memory: count,
        memoryBudget: count,
      }),
    )
    .max(1024),
  reason: text.nullable(),
});

/** A norm may be infinite or no number at all. */
const figure = z.custom<number>((value) => typeof value === 'number');

const figureOrNull = figure.nullable();
const statistics = z.object({
  ...{ count, zeros: count, nans: count, infs: count },
  ...{ min: figureOrNull, max: figureOrNull, mean: figureOrNull, std: figureOrNull, l2: figureOrNull },
});
const distance = z.object({ l2: figure, max: figure });

export const fromWorkerSchema = z.discriminatedUnion('type', [
  z.discriminatedUnion('ok', [
    z.object({
      type: z.literal('answer'),
      id,
      ok: z.literal(true),
      value: z.union([bytes, figure, z.null(), statistics, distance, census, survey]),
    }),
    z.object({ type: z.literal('answer'), id, ok: z.literal(false), error }),
  ]),
  z.object({
    type: z.literal('piece'),
    transfer: id,
    piece: z.union([z.object({ offset: id, bytes }), z.object({ error })]),
  }),
  z.object({ type: z.literal('credit'), transfer: id }),
  z.object({ type: z.literal('fetched'), transfer: id, bytes: id, isOver: z.boolean() }),
  z.object({ type: z.literal('taken'), bytes: count }),
  z.object({ type: z.literal('lost'), devices: z.array(device).max(1024), reason: text }),
]);
