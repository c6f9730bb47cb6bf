import type { SerializedError } from '../errors.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { FileRegion } from '../ndarray/lazy-tensor.ts';
import type { Shape } from '../ndarray/shape.ts';
import type { ArrayDistance, ArrayStatistics } from './array-statistics.ts';

/**
 * What the main side and a device worker say to each other. The main side numbers the arrays
 * (handles) and posts ops in order without waiting; only queries are answered. An op that fails
 * spoils the array that it writes: the error is told to the next query of that array, or to `waitAll`.
 */
export type Handle = number;

/** `cpu(0)`, `gpu(1)`: how messages name devices. One worker serves every `cpu(i)`, another every `gpu(i)`. */
export type DeviceName = `cpu(${number})` | `gpu(${number})`;

/** What a kernel is told beside its arrays. Plain data, so that graphs can be written to JSON. */
export type AttributeValue = number | bigint | string | boolean | null | readonly AttributeValue[];

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** An array that an op writes: a new one on `device`, or one that is there and keeps its shape and dtype. */
export interface OutputArray {
  readonly handle: Handle;
  readonly device: DeviceName;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly isNew: boolean;
}

/** What the memory of a worker does. All arrays that an op names are the same worker's, not always the same device's. */
export type MemoryOp =
  /** A new array of zeros. */
  | {
      readonly kind: 'create';
      readonly handle: Handle;
      readonly device: DeviceName;
      readonly dtype: DType;
      readonly shape: Shape;
    }
  /**
   * Storage bytes of `dtype`, written from element `offset` on and cast to the array's dtype where they differ.
   * `dtype` may be one that the array's device cannot hold (float64 values of a float32 array): the worker casts them.
   */
  | {
      readonly kind: 'upload';
      readonly handle: Handle;
      readonly dtype: DType;
      readonly offset: number;
      readonly bytes: ArrayBuffer;
    }
  /** Zeros in place. */
  | { readonly kind: 'zero'; readonly handle: Handle }
  /** A new array on `device`: `source`, of any device of this worker, cast to `dtype`. */
  | {
      readonly kind: 'cast';
      readonly handle: Handle;
      readonly device: DeviceName;
      readonly source: Handle;
      readonly dtype: DType;
    }
  /** `source` written into `handle` in place, cast to its dtype. */
  | { readonly kind: 'assign'; readonly handle: Handle; readonly source: Handle }
  /** A new array on `device`: the elementwise mean of `sources`, which share shape and dtype. */
  | {
      readonly kind: 'mean';
      readonly handle: Handle;
      readonly device: DeviceName;
      readonly sources: readonly Handle[];
    }
  /** Runs the kernel `name` of worker/operators over `inputs`; it writes every element of `outputs`, or changes them in place. */
  | {
      readonly kind: 'invoke';
      readonly name: string;
      readonly inputs: readonly Handle[];
      readonly outputs: readonly OutputArray[];
      readonly attributes: Attributes;
    }
  /** Nothing happens where there is no such array. */
  | { readonly kind: 'free'; readonly handle: Handle };

/** The main side numbers the transfers, in ascending order. */
export type TransferId = number;

/**
 * An array's way to another worker or to the main side: the source posts pieces, at most
 * `PIECES_UNDER_WAY` more than there were credits for. Neither end waits for an op that was enqueued
 * after its own, so the order of enqueueing excludes deadlock.
 */
export type TransferOp =
  /** Posts `count` elements from `start` on, in pieces of `pieceElements`. */
  | {
      readonly kind: 'send';
      readonly handle: Handle;
      readonly transfer: TransferId;
      readonly start: number;
      readonly count: number;
      readonly form: ReadForm;
      readonly pieceElements: number;
    }
  /** Waits for `count` elements of `dtype` and writes them to the array from its first element on, as `upload` does. */
  | {
      readonly kind: 'receive';
      readonly handle: Handle;
      readonly transfer: TransferId;
      readonly dtype: DType;
      readonly count: number;
    }
  /**
   * The worker reads `source` by itself, the storage bytes in `dtype` of all elements of the array, and writes
   * them as `upload` does. It posts `fetched` as it goes on, and can be told to `abandon` it.
   */
  | {
      readonly kind: 'fetch';
      readonly handle: Handle;
      readonly transfer: TransferId;
      readonly dtype: DType;
      readonly source: FetchSource;
    };

/** Where a worker finds bytes: in a file, or where it has no file system at an address of its own origin. */
export type FetchSource =
  | { readonly kind: 'file'; readonly region: FileRegion }
  | { readonly kind: 'address'; readonly address: string; readonly nbytes: number };

/** What a worker reads of a `fetch` at once; whole elements of every dtype. */
export const FETCH_PIECE_BYTES = 4 * 2 ** 20;

export const PIECES_UNDER_WAY = 4;

/** A part of an array under way, or why there will be no more. `offset` counts elements from the first that was sent. */
export type Piece = { readonly offset: number; readonly bytes: ArrayBuffer } | { readonly error: SerializedError };

export type Op = MemoryOp | TransferOp;

/** The arrays that `op` writes, and spoils where it fails. */
export function writtenBy(op: Op): readonly Handle[] {
  switch (op.kind) {
    case 'invoke':
      return op.outputs.map((output) => output.handle);
    case 'send':
    case 'free':
      return [];
    default:
      return [op.handle];
  }
}

/** The arrays that must be there for `op`. */
export function neededBy(op: Op): readonly Handle[] {
  switch (op.kind) {
    case 'create':
    case 'free':
      return [];
    case 'upload':
    case 'zero':
    case 'send':
    case 'receive':
    case 'fetch':
      return [op.handle];
    case 'cast':
      return [op.source];
    case 'assign':
      return [op.source, op.handle];
    case 'mean':
      return op.sources;
    case 'invoke':
      return [...op.inputs, ...op.outputs.filter(({ isNew }) => !isNew).map(({ handle }) => handle)];
  }
}

/** `bytes`: storage bytes. `values`: numbers; the narrow floats widened to float32, the rest as stored. */
export type ReadForm = 'bytes' | 'values';

/** What the memory of a worker is asked. */
export type MemoryQuery =
  | {
      readonly kind: 'read';
      readonly handle: Handle;
      readonly start: number;
      readonly count: number;
      readonly form: ReadForm;
    }
  /** L2 norm in float64; null for complex arrays. */
  | { readonly kind: 'norm'; readonly handle: Handle }
  | { readonly kind: 'statistics'; readonly handle: Handle }
  /** Of two arrays of one shape and dtype, on any devices of this worker. */
  | { readonly kind: 'distance'; readonly handle: Handle; readonly other: Handle }
  | { readonly kind: 'census' }
  /** The devices that this worker serves. */
  | { readonly kind: 'devices' };

export type Query =
  | MemoryQuery
  /** Answered once everything before it is done; fails where one of `handles` is spoiled. */
  | { readonly kind: 'sync'; readonly handles: readonly Handle[] }
  /** As `sync`, but fails with the first error since the last report. */
  | { readonly kind: 'waitAll' };

/** What a worker holds, for leak tests and the memory display. */
export interface Census {
  readonly arrays: number;
  /** TensorFlow.js' own count of live tensors. */
  readonly tensors: number;
  readonly bytes: number;
}

/** A device that a worker serves. */
export interface DeviceDescription {
  readonly device: DeviceName;
  /** The TensorFlow.js backend that does its arithmetic. */
  readonly backend: 'cpu' | 'webgpu' | 'webgl';
  readonly adapter: string;
  readonly driver: string;
  /** True where a processor plays the GPU: SwiftShader, llvmpipe, fallback adapters. */
  readonly software: boolean;
  readonly limits: DeviceLimits;
  /** Bytes of memory behind the device in all; an estimate where the adapter does not tell. */
  readonly memory: number;
  /** Bytes that arrays may take on this device unless configured otherwise. */
  readonly memoryBudget: number;
}

export interface DeviceLimits {
  /** Bytes of the largest array, as the device holds it. */
  readonly maxArrayBytes: number;
  /** Whatever else the adapter tells, by its own names. */
  readonly [name: string]: number;
}

/** The devices of a worker, in order; where there are none, `reason` says why. */
export interface DeviceSurvey {
  readonly devices: readonly DeviceDescription[];
  readonly reason: string | null;
}

export interface Answers {
  read: ArrayBuffer;
  norm: number | null;
  statistics: ArrayStatistics;
  distance: ArrayDistance;
  sync: null;
  waitAll: null;
  census: Census;
  devices: DeviceSurvey;
}

export interface Configuration {
  /** Logical devices for each GPU adapter, at least 1. */
  readonly logicalGpus: number;
}

export type ToWorker =
  /** The first message. */
  | { readonly type: 'configure'; readonly configuration: Configuration }
  | { readonly type: 'op'; readonly op: Op }
  | { readonly type: 'query'; readonly id: number; readonly query: Query }
  /** For the `receive` of that transfer. */
  | { readonly type: 'piece'; readonly transfer: TransferId; readonly piece: Piece }
  /** The `send` of that transfer may post one more piece. */
  | { readonly type: 'credit'; readonly transfer: TransferId }
  /** Nobody takes the pieces of that transfer, or what that `fetch` reads, any more. */
  | { readonly type: 'abandon'; readonly transfer: TransferId };

export type Answer =
  | { readonly type: 'answer'; readonly id: number; readonly ok: true; readonly value: Answers[keyof Answers] }
  | { readonly type: 'answer'; readonly id: number; readonly ok: false; readonly error: SerializedError };

export type FromWorker =
  | Answer
  | { readonly type: 'piece'; readonly transfer: TransferId; readonly piece: Piece }
  /** One piece of that transfer was written. */
  | { readonly type: 'credit'; readonly transfer: TransferId }
  /** That `fetch` wrote so many bytes in all; it is over, whether it succeeded or not, or goes on. */
  | { readonly type: 'fetched'; readonly transfer: TransferId; readonly bytes: number; readonly isOver: boolean }
  /** One `upload` is done with, whether it succeeded or not. */
  | { readonly type: 'taken'; readonly bytes: number }
  /** All arrays of `devices` are lost and of no others; the worker makes the devices anew at their next use. */
  | { readonly type: 'lost'; readonly devices: readonly DeviceName[]; readonly reason: string };
