import type { SerializedError } from '../errors.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { Shape } from '../ndarray/shape.ts';

/**
 * What the main side and a device worker say to each other. The main side numbers the arrays
 * (handles) and posts ops in order without waiting; only queries are answered. An op that fails
 * spoils the array that it writes: the error is told to the next query of that array, or to `waitAll`.
 */
export type Handle = number;

/** What a kernel is told beside its arrays. Plain data, so that graphs can be written to JSON. */
export type AttributeValue = number | bigint | string | boolean | null | readonly AttributeValue[];

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** An array that an op writes: a new one, or one that is there and keeps its shape and dtype. */
export interface OutputArray {
  readonly handle: Handle;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly isNew: boolean;
}

export type Op =
  /** A new array of zeros. */
  | { readonly kind: 'create'; readonly handle: Handle; readonly dtype: DType; readonly shape: Shape }
  /** Storage bytes of `dtype`, written from element `offset` on and cast to the array's dtype where they differ. */
  | {
      readonly kind: 'upload';
      readonly handle: Handle;
      readonly dtype: DType;
      readonly offset: number;
      readonly bytes: ArrayBuffer;
    }
  /** Zeros in place. */
  | { readonly kind: 'zero'; readonly handle: Handle }
  /** A new array: `source` cast to `dtype`. */
  | { readonly kind: 'cast'; readonly handle: Handle; readonly source: Handle; readonly dtype: DType }
  /** `source` written into `handle` in place, cast to its dtype. */
  | { readonly kind: 'assign'; readonly handle: Handle; readonly source: Handle }
  /** A new array: the elementwise mean of `sources`, which share shape and dtype. */
  | { readonly kind: 'mean'; readonly handle: Handle; readonly sources: readonly Handle[] }
  /** Runs the kernel `name` of worker/operators over `inputs`; it writes every element of `outputs`, or changes them in place. */
  | {
      readonly kind: 'invoke';
      readonly name: string;
      readonly inputs: readonly Handle[];
      readonly outputs: readonly OutputArray[];
      readonly attributes: Attributes;
    }
  | { readonly kind: 'free'; readonly handle: Handle };

/** The arrays that `op` writes, and spoils where it fails. */
export function writtenBy(op: Op): readonly Handle[] {
  return op.kind === 'invoke' ? op.outputs.map((output) => output.handle) : [op.handle];
}

/** `bytes`: storage bytes. `values`: numbers; the narrow floats widened to float32, the rest as stored. */
export type ReadForm = 'bytes' | 'values';

export type Query =
  | {
      readonly kind: 'read';
      readonly handle: Handle;
      readonly start: number;
      readonly count: number;
      readonly form: ReadForm;
    }
  /** L2 norm in float64; null for complex arrays. */
  | { readonly kind: 'norm'; readonly handle: Handle }
  /** Answered once everything before it is done; fails where one of `handles` is spoiled. */
  | { readonly kind: 'sync'; readonly handles: readonly Handle[] }
  /** As `sync`, but fails with the first error since the last report. */
  | { readonly kind: 'waitAll' }
  | { readonly kind: 'census' };

/** What a worker holds, for leak tests and the memory display. */
export interface Census {
  readonly arrays: number;
  /** TensorFlow.js' own count of live tensors. */
  readonly tensors: number;
  readonly bytes: number;
}

export interface Answers {
  read: ArrayBuffer;
  norm: number | null;
  sync: null;
  waitAll: null;
  census: Census;
}

export type Request =
  | { readonly type: 'op'; readonly op: Op }
  | { readonly type: 'query'; readonly id: number; readonly query: Query };

export type Reply =
  | { readonly id: number; readonly ok: true; readonly value: Answers[keyof Answers] }
  | { readonly id: number; readonly ok: false; readonly error: SerializedError };
