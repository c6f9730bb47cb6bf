export const GRAD_REQS = ['write', 'add', 'null'] as const;
/** What backward does with the gradient buffer: overwrite, accumulate, or there is none. */
export type GradReq = (typeof GRAD_REQS)[number];
