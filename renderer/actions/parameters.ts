import { client } from '../api/client.ts';
import type { ParameterSummary } from '../contract.ts';
import { reporting } from './report.ts';

export interface ParameterTarget {
  readonly document: string;
  readonly tensor: number;
}

/** The host tells every page of the change, so the answers of these calls are not needed. */

export function loadParameter(target: ParameterTarget): Promise<boolean> {
  return reporting(() => client.parameters.load.mutate(target));
}

export function releaseParameter(target: ParameterTarget): Promise<boolean> {
  return reporting(() => client.parameters.release.mutate(target));
}

export function restoreParameter(target: ParameterTarget): Promise<boolean> {
  return reporting(() => client.parameters.restore.mutate(target));
}

export function zeroGradients(target: ParameterTarget): Promise<boolean> {
  return reporting(() => client.parameters.zeroGrad.mutate(target));
}

/** Resolves to false where the host kept another: it refused, or the Parameter takes no gradients. */
export async function setGradReq(target: ParameterTarget, gradReq: ParameterSummary['gradReq']): Promise<boolean> {
  let held: string | null = null;
  await reporting(async () => {
    held = (await client.parameters.setGradReq.mutate({ ...target, gradReq })).gradReq;
  });
  return held === gradReq;
}

/** Throws the host's reason, for the box that asked. */
export async function setMultiplier(
  target: ParameterTarget,
  multiplier: { readonly lrMult: number } | { readonly wdMult: number },
): Promise<void> {
  await client.parameters.setMultipliers.mutate({ ...target, ...multiplier });
}
