import type { CheckpointFormat, WritableFormat } from '../checkpoint/checkpoint.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { Shape } from '../ndarray/shape.ts';
import type { GradReq } from '../parameter/grad-req.ts';
import type { ComparedKind } from './compare/compared.ts';
import type { ProbeKind } from './parameter-probe/probe-kinds.ts';

/** What the window and the command line are told about a document; plain data, no tensor values. */

export interface DTypeTotal {
  readonly dtype: DType;
  readonly tensors: number;
  readonly elements: number;
  readonly bytes: number;
}

export interface DocumentTotals {
  readonly tensors: number;
  readonly elements: number;
  readonly bytes: number;
  /** Largest share of bytes first. */
  readonly byDType: readonly DTypeTotal[];
}

/** `changed`, `missing`: the file under the document is no longer the one that was opened. */
export type DiskState = 'same' | 'changed' | 'missing';

/** Edits that an earlier run left in the journal of this file without saving them. */
export interface Recovery {
  readonly edits: number;
  readonly savedAt: string;
  /** False where the file changed since those edits were made: resuming then needs the user's word. */
  readonly fileUnchanged: boolean;
}

export interface DocumentSummary {
  readonly id: string;
  /** File name, never a path. */
  readonly name: string;
  readonly format: CheckpointFormat;
  readonly files: readonly { readonly name: string; readonly size: number }[];
  readonly totals: DocumentTotals;
  readonly metadata: Readonly<Record<string, string>>;
  /** Rises with every edit, undo, redo, save and reload. */
  readonly revision: number;
  /** Rises only when names, dtypes, shapes or the set of tensors change: time to fetch the listing again. */
  readonly listingRevision: number;
  readonly dirty: boolean;
  readonly undo: string | null;
  readonly redo: string | null;
  readonly disk: DiskState;
  readonly recovery: Recovery | null;
  /** True where Save can write back to the file that was opened (uploads, the sample and formats without a writer want Save as). */
  readonly savable: boolean;
  /** Why it is not savable, as a sentence; null where it is. */
  readonly unsavable: string | null;
  /** The file name that Save as proposes. */
  readonly saveAsName: string;
  /** True where the checkpoint holds values beside its tensors. */
  readonly hasValues: boolean;
  /** What the document's live Parameters take on devices; devices that hold nothing are left out. */
  readonly devices: readonly DeviceTotal[];
  /** What the user should know: the file is open elsewhere too, a damaged journal was set aside. */
  readonly warnings?: readonly string[];
}

export interface HistoryItem {
  readonly label: string;
  /** How many tensors the edit touches. */
  readonly tensors: number;
  readonly done: boolean;
}

/** A name that a replacement would change. */
export interface RenamedName {
  readonly from: string;
  readonly to: string;
  /** Why it cannot be, as a sentence; null where it can. */
  readonly problem: string | null;
}

/** What a replacement in all names would do. */
export interface RenamePreview {
  /** How many names it would change, of how many. */
  readonly renamed: number;
  readonly tensors: number;
  /** How many of the changes cannot be: with one of them the edit is refused. */
  readonly problems: number;
  /** The first 10,000, and those that cannot be. */
  readonly pairs: readonly RenamedName[];
  /** Why the document's file could not hold the new names, and what can; null where it could, and where some of them cannot be at all. */
  readonly objection: string | null;
}

export type ParameterStatus = 'uninitialized' | 'deferred' | 'initialized';

/** A float64 of the host. JSON has no numbers for some; null where there is none. */
export type Figure = number | 'NaN' | 'Infinity' | '-Infinity' | null;

/** A gradient buffer, or what a copy has in common with one. */
export interface DeviceBuffer {
  readonly device: string;
  readonly dtype: DType;
  /** Bytes in storage. */
  readonly bytes: number;
  /** True where the device worker that held it died. */
  readonly lost: boolean;
  /** Why the device could not make its value, where an operation on it failed. */
  readonly failure: string | null;
  /** L2; null for complex values and where there is none to be read. */
  readonly norm: Figure;
}

export interface DeviceCopy extends DeviceBuffer {
  /** L2 norm of its difference from the mean of all copies, which is what Gluon saves; exactly 0 for an only copy. */
  readonly distance: Figure;
  /** The largest difference of one element from the mean. */
  readonly maxDistance: Figure;
}

/** Of a copy on a device, computed there: as `TensorStats`, without those that need the whole distribution. */
export interface CopyStatistics {
  readonly count: number;
  readonly zeros: number;
  readonly nans: number;
  readonly infs: number;
  readonly min: Figure;
  readonly max: Figure;
  readonly mean: Figure;
  readonly std: Figure;
  readonly l2: Figure;
}

/** Storage bytes that copies and gradient buffers take on one device. */
export interface DeviceTotal {
  readonly device: string;
  readonly copies: number;
  readonly gradients: number;
}

/** A device, and what is behind it. */
export interface DeviceSummary {
  /** `cpu(0)`, `gpu(1)` */
  readonly device: string;
  /** The TensorFlow.js backend: cpu, webgpu or webgl. */
  readonly backend: string;
  readonly adapter: string;
  readonly driver: string;
  /** True where a processor plays the GPU. */
  readonly software: boolean;
  /** Bytes behind the device in all. */
  readonly memory: number;
  /** Bytes that arrays may take, and those that they take now. */
  readonly memoryBudget: number;
  readonly held: number;
  /** Bytes of the largest array. */
  readonly maxArrayBytes: number;
}

export interface DeviceList {
  readonly devices: readonly DeviceSummary[];
  /** Why there are no GPUs; null where there are some. */
  readonly reason: string | null;
}

export interface ParameterSummary {
  readonly status: ParameterStatus;
  /** Why it is in that state and what would finish it, in a sentence. */
  readonly reason: string;
  /** Of the live Parameter, which has casts of its own. */
  readonly dtype: DType;
  /** That hold copies, or will once a deferred Parameter is finished: `cpu(0)`. */
  readonly devices: readonly string[];
  readonly gradReq: GradReq;
  readonly lrMult: number;
  readonly wdMult: number;
  readonly copies: readonly DeviceCopy[];
  /** One beside each copy unless `gradReq` is null. */
  readonly gradients: readonly DeviceBuffer[];
}

/** One forward and backward pass of a probe on one device. */
export interface ProbePass {
  readonly device: string;
  /** Counted from 1. */
  readonly pass: number;
  /** L2 norm of the output. */
  readonly output: Figure;
  /** The mean of the squares of the output. */
  readonly loss: Figure;
  /** Of the gradient buffer after the pass; null where there is none. */
  readonly gradient: Figure;
}

export interface ProbeResult {
  readonly as: ProbeKind;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** Pass by pass, the devices of each in order. */
  readonly passes: readonly ProbePass[];
  readonly parameter: ParameterSummary;
}

export interface TensorDetail {
  /** Number of the tensor in its document; survives renames. */
  readonly id: number;
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly elements: number;
  /** Bytes in the current dtype. */
  readonly bytes: number;
  /** Where the stored bytes lie. */
  readonly stored: {
    readonly file: string;
    readonly offset: number;
    /** Unpacked. */
    readonly bytes: number;
    readonly dtype: DType;
    /** True where they do not lie there as they are: compressed, strided, in another byte order. */
    readonly packed: boolean;
  };
  /** What the container says of the tensor beside its value. */
  readonly facts: Readonly<Record<string, string>>;
  /** Names of tensors that share its stored bytes (tied weights, views of one storage), at most 100. */
  readonly sharedWith: readonly string[];
  /** Names of tensors that are the same elements: an edit of one is made of all unless it says otherwise. At most 100. */
  readonly tiedTo: readonly string[];
  /** Changes whenever the value may have; edits of other tensors, renames and saves leave it as it is. */
  readonly valueRevision: number;
  /** Labels of the edits that touch the value, oldest first. */
  readonly edits: readonly string[];
  readonly parameter: ParameterSummary;
}

export type TaskState = 'running' | 'done' | 'failed' | 'cancelled';

/** Long work; a task is announced only once it has run for a quarter of a second. */
export interface Task {
  readonly id: string;
  readonly title: string;
  readonly document: string | null;
  readonly state: TaskState;
  /** Bytes done and in all; `total` 0 where it is not known. */
  readonly done: number;
  readonly total: number;
  readonly startedAt: number;
  /** Why it failed. */
  readonly message: string | null;
}

export type WorkspaceEvent =
  | { readonly type: 'document'; readonly document: DocumentSummary }
  | { readonly type: 'closed'; readonly document: string }
  | { readonly type: 'task'; readonly task: Task }
  /** The live Parameter of a tensor changed; `devices` is what all of the document's take now. */
  | {
      readonly type: 'parameter';
      readonly document: string;
      readonly tensor: number;
      readonly devices: readonly DeviceTotal[];
    }
  /** Gluon's UserWarning and DeprecationWarning. */
  | { readonly type: 'warning'; readonly message: string }
  /** A document was opened from outside the page: the command line, a second instance, a file association. */
  | { readonly type: 'opened'; readonly document: DocumentSummary };

/** What an edit would do, before it is done. */
export interface EditPreview {
  /** What the history would call it. */
  readonly label: string;
  /** How many tensors it touches. */
  readonly tensors: number;
  /** Names of those, afterwards; at most 200. */
  readonly names: readonly string[];
  /** Names that change, at most 200, and how many more do. */
  readonly renames: readonly { readonly from: string; readonly to: string }[];
  readonly renamesLeft: number;
  /** Names of tensors that are tied to others whose values change, at most 200: these follow, or come apart. */
  readonly tied: readonly string[];
  /** Why the document's file could not hold it, and what can; null where it could. */
  readonly objection: string | null;
}

/** A tensor of a document that is compared with another. */
export interface ComparisonSide {
  readonly id: number;
  readonly name: string;
  readonly dtype: string;
  readonly shape: Shape;
}

/** As `TensorDiff` has them. */
export interface ComparisonFigures {
  readonly maxAbs: Figure;
  readonly meanAbs: Figure;
  readonly relL2: Figure;
  readonly cosine: Figure;
  readonly changedCount: number;
  readonly firstIndex: number | null;
  readonly maxIndex: number | null;
  readonly nans: { readonly a: number; readonly b: number; readonly both: number };
}

/** What became of a tensor between two documents. */
export interface ComparisonRow {
  readonly kind: ComparedKind;
  /** Null where it was added, as `after` where it was removed. */
  readonly before: ComparisonSide | null;
  readonly after: ComparisonSide | null;
  /** Null where there are no two values of one shape to compare. */
  readonly diff: ComparisonFigures | null;
}

/** What files can be written as. */
export interface WrittenFormat {
  readonly format: WritableFormat;
  readonly label: string;
  /** Endings of names, with the dot, that ask for it; the usual one first. */
  readonly extensions: readonly string[];
}

export interface SaveResult {
  /** `none`: nothing to do; `patch`: copy and patch; `rewrite`: all bytes streamed to a new file; `in-place`: the file itself was patched. */
  readonly plan: 'none' | 'patch' | 'rewrite' | 'in-place';
  readonly bytesWritten: number;
  readonly files: readonly string[];
}

/** What happens to a file, cheapest first; `copy-and-patch` costs only the patch where the file system shares blocks. */
export type SaveAction = 'none' | 'remove' | 'patch-in-place' | 'copy-and-patch' | 'rewrite-header' | 'rewrite';

export interface PlannedFile {
  readonly name: string;
  readonly action: SaveAction;
  /** Of the file afterwards; an estimate where values are compressed anew. */
  readonly size: number;
  /** Bytes that are made: edited values, headers, checksums. */
  readonly newBytes: number;
  /** Bytes that are copied from the old file. */
  readonly copiedBytes: number;
}

/** A tensor that is tied to others, or whose stored bytes are those of others too. */
export interface SharedTensor {
  readonly name: string;
  readonly with: readonly string[];
  /** True where they share one storage afterwards as well; else each gets its own. */
  readonly stays: boolean;
  /** That it then takes. */
  readonly bytes: number;
}

/** What a save will do. Nothing of it is done. */
export interface SavePlan {
  readonly format: WritableFormat;
  /** The dearest of those of the files. */
  readonly action: SaveAction;
  readonly files: readonly PlannedFile[];
  readonly bytesToWrite: number;
  /** Of `bytesToWrite` those that are not copied. */
  readonly newBytes: number;
  /** Bytes of disk that it takes until the old files are replaced, and those that are free; null where nothing is written. */
  readonly diskNeeded: number;
  readonly diskFree: number | null;
  readonly fits: boolean;
  /** Whether the file can be patched where it lies, and why it cannot. */
  readonly inPlace: boolean;
  readonly notInPlace: string | null;
  /** What the file will not hold of the document, as sentences. */
  readonly losses: readonly string[];
  /** What the save does beside what was asked for, as sentences: nodes that it adds to a graph, other places of tensors. */
  readonly notes: readonly string[];
  /** Tensors that share their bytes and are concerned, at most 100. */
  readonly shared: readonly SharedTensor[];
  /** Names of tensors that are stored quantized, at most 100. */
  readonly quantized: readonly string[];
}
