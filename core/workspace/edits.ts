import { z } from 'zod';
import { DTYPES, type DType } from '../ndarray/dtype.ts';

/**
 * The edits of a document, as users write them: names and globs, not positions, so that a journal
 * can be read, replayed and turned into a script. `select` is either one glob (`*` any run of
 * characters, `?` one, matched against the whole name; a name that matches literally wins over its
 * reading as a glob) or a list of exact names. An edit that matches nothing is an error.
 */
const name = z.string().max(65_536);
const select = z.union([z.string().min(1).max(65_536), z.array(name).min(1)]);
const dtype = z.enum(DTYPES as unknown as [DType, ...DType[]]);
/** A number as text, so that 64-bit integers, NaN and signed zero survive JSON: `3`, `-0`, `1e-3`, `nan`, `inf`, `true`, `1+2j`. */
const scalar = z.string().min(1).max(128);

export const editSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rename'), from: name, to: name }),
  z.strictObject({
    kind: z.literal('rename-pattern'),
    pattern: z.string().min(1).max(4096),
    replacement: z.string().max(4096),
  }),
  z.strictObject({ kind: z.literal('delete'), select }),
  z.strictObject({ kind: z.literal('keep'), select }),
  z.strictObject({ kind: z.literal('cast'), select, dtype }),
  z.strictObject({ kind: z.literal('fill'), select, value: scalar }),
  z.strictObject({ kind: z.literal('scale'), select, factor: z.number() }),
  z.strictObject({
    kind: z.literal('set'),
    name,
    /** NumPy basic slice without brackets: `0,1`, `0:4,-1`, `...`; empty for a scalar tensor. */
    slice: z.string().max(4096),
    /** One value for the whole slice, or one per element in C order. */
    values: z.array(scalar).min(1).max(1_048_576),
  }),
  /** `value: null` removes the key. */
  z.strictObject({ kind: z.literal('metadata'), key: z.string().max(65_536), value: z.string().nullable() }),
]);

export type Edit = z.infer<typeof editSchema>;
