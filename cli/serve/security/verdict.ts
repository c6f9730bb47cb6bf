/** What a guard says of a request. Guards are pure: facts in, verdict out, and a table test lists the cases. */
export type Verdict = { readonly allowed: true } | Refusal;

export interface Refusal {
  readonly allowed: false;
  readonly status: 401 | 403 | 421;
  /** For the person who reads the response. */
  readonly reason: string;
}

export const ALLOWED: Verdict = { allowed: true };

export function refuse(status: Refusal['status'], reason: string): Refusal {
  return { allowed: false, status, reason };
}
