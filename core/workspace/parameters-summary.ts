import { DeviceLostError, ParascopeError } from '../errors.ts';
import type { Parameter } from '../parameter/parameter.ts';
import type { ParameterCopy } from '../parameter/parameter-value.ts';
import { figureOf, normOf } from './figures.ts';
import type { DeviceBuffer, DeviceCopy, DeviceTotal, ParameterSummary } from './summary.ts';

export type Description = Omit<ParameterSummary, 'reason'>;

/** Everything the window tells of a live Parameter but its reason, which the document knows. */
export async function summarize(parameter: Parameter): Promise<Description> {
  try {
    return await describeParameter(parameter);
  } catch (error) {
    // The worker died under the question; the second answer says so of each copy and reads none.
    if (error instanceof DeviceLostError) return await describeParameter(parameter);
    throw error;
  }
}

async function describeParameter(parameter: Parameter): Promise<Description> {
  const { status, dtype, gradReq, lrMult, wdMult } = parameter;
  const devices = status === 'uninitialized' ? [] : parameter.listDevice().map(String);
  const [copies, gradients] = await Promise.all([
    describeCopies(parameter),
    Promise.all(parameter.gradients().map(describe)),
  ]);
  return { status, dtype, devices, gradReq, lrMult, wdMult, copies, gradients };
}

/** What all of `parameters` take, device by device in the order of their names. */
export function deviceTotals(parameters: Iterable<Parameter>): DeviceTotal[] {
  const totals = new Map<string, { copies: number; gradients: number }>();
  for (const parameter of parameters) {
    for (const [kind, buffers] of [
      ['copies', parameter.copies()],
      ['gradients', parameter.gradients()],
    ] as const) {
      for (const { device, bytes, lost } of buffers) {
        const total = totals.get(String(device)) ?? { copies: 0, gradients: 0 };
        total[kind] += lost ? 0 : bytes;
        totals.set(String(device), total);
      }
    }
  }
  const byName = new Intl.Collator('en', { numeric: true }).compare;
  return [...totals]
    .filter(([, { copies, gradients }]) => copies + gradients > 0)
    .sort(([a], [b]) => byName(a, b))
    .map(([device, total]) => ({ device, ...total }));
}

async function describeCopies(parameter: Parameter): Promise<DeviceCopy[]> {
  const copies = parameter.copies();
  const [described, distances] = await Promise.all([Promise.all(copies.map(describe)), distancesOf(parameter, copies)]);
  return described.map((copy, i) => ({ ...copy, ...(distances[i] ?? UNKNOWN) }));
}

async function describe(copy: ParameterCopy): Promise<DeviceBuffer> {
  const { device, dtype, bytes, lost } = copy;
  const described = { device: String(device), dtype, bytes, lost };
  try {
    return { ...described, norm: await normOf(copy), failure: null };
  } catch (error) {
    return { ...described, norm: null, failure: failureOf(error) };
  }
}

/** What a failed operation says when its result is read; a lost device is asked again, a bug passes on. */
function failureOf(error: unknown): string {
  if (error instanceof ParascopeError && !(error instanceof DeviceLostError)) return error.message;
  throw error;
}

type Distance = Pick<DeviceCopy, 'distance' | 'maxDistance'>;

const UNKNOWN: Distance = { distance: null, maxDistance: null };
const NONE: Distance = { distance: 0, maxDistance: 0 };

/** How far each copy is from the mean of all; null where that cannot be computed. */
async function distancesOf(parameter: Parameter, copies: readonly ParameterCopy[]): Promise<Distance[]> {
  if (copies.some(({ lost }) => lost)) return copies.map(() => UNKNOWN);
  if (copies.length < 2) return copies.map(() => NONE);
  try {
    return await measuredDistances(parameter);
  } catch (error) {
    failureOf(error);
    return copies.map(() => UNKNOWN);
  }
}

async function measuredDistances(parameter: Parameter): Promise<Distance[]> {
  const mean = parameter.reduce();
  try {
    return await Promise.all(
      parameter.lendCopies().map(async (copy) => {
        const { l2, max } = await copy.distanceTo(mean);
        return { distance: figureOf(l2), maxDistance: figureOf(max) };
      }),
    );
  } finally {
    mean.dispose();
  }
}
