import { InvalidArgumentError, UnsupportedDTypeError } from '../../errors.ts';
import { dtypeInfo } from '../../ndarray/dtype.ts';
import { type LazyTensor, resultDType } from '../../ndarray/lazy-tensor.ts';
import type { Job } from '../job.ts';
import type { WorkerPool } from '../worker-pool.ts';
import { exactValues, layOutExact } from './exact-job.ts';
import { describeSpectrum, type FoundValues } from './figures.ts';
import { type MatrixPlan, planMatrix, valuesOf } from './matrix-plan.ts';
import { layOutRandomized, randomizedValues } from './randomized-job.ts';
import { SpectrumSteps } from './run-steps.ts';
import type { SharedMemory, SpareMemory } from './shared-memory.ts';
import type { Spectrum, SpectrumRequest } from './spectrum.ts';
import { checkFinite, type Survey, surveyMatrix } from './survey.ts';

/** Up to so many values all of them are computed exactly. */
export const MOST_EXACT = 1024;
/** Of a larger matrix so many at most, … */
const MOST_RANDOMIZED = 256;
/** by default these, or as many fewer as fit, … */
const DEFAULT_RANDOMIZED = 128;
/** … as long as they take no more memory than this. */
const MOST_BYTES = 2 ** 29;
/** The part of the progress that the first look at the values is. */
const SURVEY_SHARE = 0.05;

/** Throws what is wrong with a request before anything is read. */
export function checkSpectrum(tensor: LazyTensor, request: SpectrumRequest): void {
  const dtype = resultDType(tensor);
  if (dtypeInfo(dtype).kind === 'complex') {
    throw new UnsupportedDTypeError(`The spectrum of ${dtype} is not computed: cast to a real dtype first.`, { dtype });
  }
  const { count, seed = 0 } = request;
  if (count !== undefined && !(Number.isSafeInteger(count) && count >= 1)) {
    throw new InvalidArgumentError(`A spectrum has 1 or more values, not ${count}.`);
  }
  if (!(Number.isSafeInteger(seed) && seed >= 0 && seed <= 0xffff_ffff)) {
    throw new InvalidArgumentError(`A seed is a whole number from 0 to 4294967295, not ${seed}.`);
  }
  planMatrix(tensor.shape, request);
}

interface Task {
  readonly tensor: LazyTensor;
  readonly request: SpectrumRequest;
  readonly threads: number;
  readonly spare: SpareMemory;
}

export async function runSpectrum(pool: WorkerPool, job: Job, task: Task): Promise<Spectrum> {
  const { tensor, request } = task;
  const plan = planMatrix(tensor.shape, request);
  const values = valuesOf(plan);
  const [rows, columns] = plan.transposed ? [plan.inner.count, plan.outer.count] : [plan.outer.count, plan.inner.count];
  const count = countOf(plan, request);
  if (values === 0) return describeSpectrum(NOTHING, { rows, columns, exponent: 0, count });
  // A byte of the matrix counts for as much as makes the whole of the tensor.
  const bytes = (rows * columns * dtypeInfo(tensor.dtype).bits) / 8;
  const perPass = tensor.region.nbytes / bytes;
  const survey = await surveyMatrix(pool, job, { plan, share: perPass * SURVEY_SHARE });
  checkFinite(survey, { plan, shape: tensor.shape, slice: request });
  const found =
    survey.most === 0
      ? zeros(values)
      : await findValues(pool, job, { ...task, plan, survey, count, share: perPass * (1 - SURVEY_SHARE) });
  return describeSpectrum(found, { rows, columns, exponent: survey.exponent, count });
}

const NOTHING: FoundValues = { method: 'exact', values: [], errors: [], energy: 0 };

function zeros(count: number): FoundValues {
  const values = new Array<number>(count).fill(0);
  return { ...NOTHING, values, errors: values };
}

function countOf(plan: MatrixPlan, { count }: SpectrumRequest): number {
  const values = valuesOf(plan);
  if (values <= MOST_EXACT) return Math.min(count ?? values, values);
  const fits = (wanted: number): boolean => layOutRandomized(plan, wanted, 1).memory.bytes <= MOST_BYTES;
  if (count === undefined) {
    let most = DEFAULT_RANDOMIZED;
    while (most > 1 && !fits(most)) most /= 2;
    return most;
  }
  if (count > MOST_RANDOMIZED) {
    throw new InvalidArgumentError(
      `Of a matrix with ${values} singular values the ${MOST_RANDOMIZED} largest are computed at most, not ${count}.`,
    );
  }
  if (fits(count)) return count;
  throw new InvalidArgumentError(
    `${count} singular values of a matrix of ${plan.outer.count} by ${plan.inner.count} take more than ` +
      `${MOST_BYTES / 2 ** 20} MiB of memory: ask for fewer.`,
  );
}

interface Search extends Task {
  readonly plan: MatrixPlan;
  readonly survey: Survey;
  readonly count: number;
  /** Of the progress, for all passes together. */
  readonly share: number;
}

async function findValues(pool: WorkerPool, job: Job, search: Search): Promise<FoundValues> {
  const { plan, survey, count, threads, share, spare } = search;
  const setting = (memory: SharedMemory) => ({ memory, plan, exponent: survey.exponent });
  if (valuesOf(plan) <= MOST_EXACT) {
    const layout = layOutExact(plan, threads);
    return await spare.use(layout.memory.bytes, (memory) => {
      const steps = new SpectrumSteps(pool, job, setting(memory));
      return exactValues(steps, layout, { plan, values: new Float64Array(memory.buffer), share });
    });
  }
  const layout = layOutRandomized(plan, count, threads);
  return await spare.use(layout.memory.bytes, (memory) => {
    const steps = new SpectrumSteps(pool, job, setting(memory));
    return randomizedValues(steps, layout, {
      plan,
      values: new Float64Array(memory.buffer),
      energy: survey.squares,
      seed: search.request.seed ?? 0,
      share: share / (2 * layout.blocks),
    });
  });
}
