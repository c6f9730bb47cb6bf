import { z } from 'zod';
import { InvalidArgumentError } from '../errors.ts';

/** The learning rate after `numUpdate` updates; takes the place of `learningRate`. */
export type LRScheduler = (numUpdate: number) => number;

const finite = z.number().refine(Number.isFinite, 'must be finite');
const decay = finite.refine((value) => value >= 0 && value < 1, 'must be at least 0 and below 1');
const scheduler = z.custom<LRScheduler>((value) => typeof value === 'function', 'must be a function');

/** What every optimizer takes. The defaults are MXNet's. */
const commonOptions = {
  learningRate: finite.optional(),
  lrScheduler: scheduler.nullable().optional(),
  wd: finite.optional(),
  rescaleGrad: finite.optional(),
  clipGradient: finite.positive().nullable().optional(),
  multiPrecision: z.boolean().optional(),
  beginNumUpdate: z.int().nonnegative().optional(),
  aggregateNum: z.int().positive().optional(),
};

const momentOptions = {
  beta1: decay.optional(),
  beta2: decay.optional(),
  epsilon: finite.nonnegative().optional(),
};

export const sgdOptions = z.strictObject({
  ...commonOptions,
  momentum: finite.nonnegative().optional(),
  lazyUpdate: z.boolean().optional(),
});

export const adamOptions = z.strictObject({ ...commonOptions, ...momentOptions, lazyUpdate: z.boolean().optional() });

export const adamWOptions = z.strictObject({
  ...commonOptions,
  ...momentOptions,
  correctBias: z.boolean().optional(),
});

export interface CommonOptions {
  /** Factor on the update: a gradient's unit to the weight's. */
  readonly learningRate?: number | undefined;
  readonly lrScheduler?: LRScheduler | null | undefined;
  /** Weight decay. */
  readonly wd?: number | undefined;
  /** Factor on every gradient; a Trainer divides it by the batch size. */
  readonly rescaleGrad?: number | undefined;
  /** Bound on the magnitude of the elements of a rescaled gradient. */
  readonly clipGradient?: number | null | undefined;
  /** Keeps a float32 copy of weights of narrower dtypes, and the state in float32. */
  readonly multiPrecision?: boolean | undefined;
  readonly beginNumUpdate?: number | undefined;
  /** More than 1 asks the Trainer to update its own copies, not the store's (T-007). */
  readonly aggregateNum?: number | undefined;
}

export type SGDOptions = Readonly<z.infer<typeof sgdOptions>>;
export type AdamOptions = Readonly<z.infer<typeof adamOptions>>;
export type AdamWOptions = Readonly<z.infer<typeof adamWOptions>>;

/** The arguments of any optimizer by name. */
export type OptimizerOptions = SGDOptions & AdamOptions & AdamWOptions;

/** @throws InvalidArgumentError that names the optimizer and the argument. */
export function parseOptions<T>(optimizer: string, schema: z.ZodType<T>, options: unknown): T {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.length ? `${issue.path.join('.')}: ` : '';
  throw new InvalidArgumentError(`Bad argument of the optimizer ${optimizer}: ${where}${issue?.message}.`);
}
