import { z } from 'zod';
import { DTYPES, type DType } from '../ndarray/dtype.ts';
import type { FileStamp } from '../ndarray/lazy-tensor.ts';

/**
 * The edits of a document, as users write them: names and globs, not positions, so that a journal
 * can be read, replayed and turned into a script. `select` is either one glob (`*` any run of
 * characters, `?` one, matched against the whole name; a name that matches literally wins over its
 * reading as a glob) or a list of exact names. An edit that matches nothing is an error.
 */
const name = z.string().max(65_536);
const select = z.union([z.string().min(1).max(65_536), z.array(name).min(1)]);
const dtype = z.enum(DTYPES as unknown as [DType, ...DType[]]);
/** What told one state of a file from another. */
const stamp = z.strictObject({ size: z.number().nonnegative(), mtimeMs: z.number(), ino: z.number() });
/**
 * A tensor to take a value from: of this document by its current name; of another one by the name that it
 * has there, the document being named by its id where it is open, or by the path of its file. What is
 * journaled names the file and its state, so that a replay takes the same bytes or refuses.
 */
const source = z.strictObject({
  tensor: name,
  file: z.string().min(1).max(32_768).optional(),
  document: z.string().min(1).max(64).optional(),
  stamp: stamp.optional(),
  /** Which of the edited files of the batch around it holds the value: the tensor has the name that it has there after the edits. */
  edited: z.int().nonnegative().optional(),
});
const size = z.int().nonnegative();
const axis = z.int();
/** A number as text, so that 64-bit integers, NaN and signed zero survive JSON: `3`, `-0`, `1e-3`, `nan`, `inf`, `true`, `1+2j`. */
const scalar = z.string().min(1).max(128);

/** Tied weights (tensors that are the same elements) are edited together unless this is true: then the named ones get elements of their own. */
const apart = z.boolean().optional();

/** Edits of as many tensors as `select` names. */
const selecting = [
  z.strictObject({
    kind: z.literal('rename-pattern'),
    /** A JavaScript regular expression; in the replacement `$1`, `$<name>`, `$&` and `$$` stand for what it found. */
    pattern: z.string().min(1).max(4096),
    replacement: z.string().max(4096),
    /** By default all tensors. */
    select: select.optional(),
  }),
  z.strictObject({ kind: z.literal('delete'), select }),
  z.strictObject({ kind: z.literal('keep'), select }),
  z.strictObject({ kind: z.literal('cast'), select, dtype, apart }),
  z.strictObject({ kind: z.literal('fill'), select, value: scalar, apart }),
  z.strictObject({ kind: z.literal('scale'), select, factor: z.number(), apart }),
  /** Draws new values: any initializer of the runtime with its arguments in MXNet's names. Without a seed one is chosen, and recorded. */
  z.strictObject({
    kind: z.literal('reinitialize'),
    select,
    initializer: z.string().min(1).max(4096),
    arguments: z.record(z.string().max(256), z.json()).default({}),
    seed: z.int().nonnegative().optional(),
    apart,
  }),
  /**
   * Each tensor becomes what `expression` makes of it (plan/parse-expression.ts has the grammar), in float64,
   * rounded once to its dtype. `sources` gives short names to tensors of other files; `{name}` in them, and in
   * quoted names, stands for the name of the tensor that is worked out.
   */
  z.strictObject({
    kind: z.literal('compute'),
    select,
    expression: z.string().min(1).max(4096),
    sources: z.record(z.string().regex(/^[A-Za-z_]\w*$/), source).default({}),
    apart,
  }),
  /** What is tied gets elements of its own, with the values that it has. */
  z.strictObject({ kind: z.literal('untie'), select }),
] as const;

/** Edits that name the tensors that they are about. */
const naming = [
  z.strictObject({ kind: z.literal('rename'), from: name, to: name }),
  z.strictObject({
    kind: z.literal('set'),
    name,
    /** NumPy basic slice without brackets: `0,1`, `0:4,-1`, `...`; empty for a scalar tensor. */
    slice: z.string().max(4096),
    /** One value for the whole slice, or one per element in C order. */
    values: z.array(scalar).min(1).max(1_048_576),
    apart,
  }),
  /** Sets the tensor `name` to the value of `source`, made anew where there is none of that name. */
  z.strictObject({
    kind: z.literal('copy'),
    source,
    name,
    /** What becomes of a tensor that bears the name already; `rename` looks for a name that is free. */
    collision: z.enum(['refuse', 'replace', 'rename']).default('refuse'),
    /** `source`: as it is there; `target`: as the tensor that it replaces. */
    dtype: z.union([z.enum(['source', 'target']), dtype]).default('source'),
    shape: z.enum(['source', 'target']).default('source'),
    apart,
  }),
  /** The tensors, of one dtype and shape, become one value, that of the first: where a format can share elements they do. */
  z.strictObject({ kind: z.literal('tie'), names: z.array(name).min(2).max(65_536) }),
  /** One size may be -1: what the others leave. */
  z.strictObject({ kind: z.literal('reshape'), name, shape: z.array(z.int().min(-1)).max(64), apart }),
  /** `axes[i]` is the former axis of the new axis i; without them all are reversed. */
  z.strictObject({ kind: z.literal('transpose'), name, axes: z.array(axis).max(64).optional(), apart }),
  /** The elements of a NumPy basic slice, in place of the tensor or as a new one called `to`. */
  z.strictObject({ kind: z.literal('slice'), name, slice: z.string().max(4096), to: name.optional(), apart }),
  /** One tensor `to` of several along an axis; the parts stay unless `drop`. */
  z.strictObject({
    kind: z.literal('concatenate'),
    names: z.array(name).min(1).max(65_536),
    axis,
    to: name,
    drop: z.boolean().default(false),
  }),
  /** Several tensors of one: `names[i]` gets `sizes[i]` indices of the axis. The tensor goes unless `keep`. */
  z.strictObject({
    kind: z.literal('split'),
    name,
    axis,
    sizes: z.array(size).min(1).max(65_536),
    names: z.array(name).min(1).max(65_536),
    keep: z.boolean().default(false),
  }),
  /** `value: null` removes the key. */
  z.strictObject({ kind: z.literal('metadata'), key: z.string().max(65_536), value: z.string().nullable() }),
] as const;

/** An edit that is not made of others. */
export const singleEditSchema = z.discriminatedUnion('kind', [...selecting, ...naming]);

/** A file in the state that was opened, and edits that were made to it since but not saved. */
export interface EditedFile {
  readonly file: string;
  readonly stamp?: FileStamp | undefined;
  readonly edits: readonly Edit[];
}

const editedFile: z.ZodType<EditedFile> = z.strictObject({
  file: z.string().min(1).max(32_768),
  stamp: stamp.optional(),
  edits: z.array(z.lazy(() => editSchema)),
});

/** Several edits that are one: made one after the other, or none of them is; undone together. */
const batch = z.strictObject({
  kind: z.literal('batch'),
  /** What the history calls it. */
  label: z.string().min(1).max(262_144).optional(),
  edits: z.array(singleEditSchema).min(1).max(1_048_576),
  /** Values that these edits take from other documents as they were at that moment. */
  edited: z.array(editedFile).max(64).optional(),
});

/** What is journaled: names and globs, and nothing that was found out on the way. */
export const editSchema = z.discriminatedUnion('kind', [...selecting, ...naming, batch]);

/** Edits of the tensors that a query of the language of searches finds; one batch of their names once that is known. */
const querying = z.strictObject({
  kind: z.literal('select'),
  query: z.string().min(1).max(4096),
  /** Each `select` is limited to what the query found before the first of them. */
  edits: z.array(z.discriminatedUnion('kind', selecting)).min(1).max(1024),
});

/** What users ask for. */
export const editRequestSchema = z.discriminatedUnion('kind', [...selecting, ...naming, batch, querying]);

/** A source that a replay can go by: no document, but the file that was behind it. */
export type TensorSourceName = z.infer<typeof source>;
export type SingleEdit = z.infer<typeof singleEditSchema>;
export type BatchEdit = z.infer<typeof batch>;
export type Edit = SingleEdit | BatchEdit;
export type EditOf<K extends Edit['kind']> = Extract<Edit, { readonly kind: K }>;
export type EditRequest = z.infer<typeof editRequestSchema>;
export type SelectEdit = z.infer<typeof querying>;
/** An edit that a query can limit. */
export type SelectingEdit = SelectEdit['edits'][number];
/** As users write it: what has a default may be left out. */
export type EditInput = z.input<typeof editRequestSchema>;

const SELECTING: ReadonlySet<string> = new Set(selecting.map(({ shape }) => shape.kind.value));

type WithApart<E> = E extends unknown ? ('apart' extends keyof E ? E : never) : never;

const APART: ReadonlySet<string> = new Set(
  [...selecting, ...naming].filter(({ shape }) => 'apart' in shape).map(({ shape }) => shape.kind.value),
);

/** Whether tied weights could follow the edit or be taken apart by it. */
export function canBeApart(edit: SingleEdit): edit is WithApart<SingleEdit> {
  return APART.has(edit.kind);
}

export function isSelecting(edit: SingleEdit): edit is SelectingEdit {
  return SELECTING.has(edit.kind);
}
