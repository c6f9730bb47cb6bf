import type { Checkpoint, WritableFormat } from '../../checkpoint/checkpoint.ts';
import type { DType } from '../../ndarray/dtype.ts';
import type { TensorEngine } from '../../stats/engine.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { Change } from '../state/tensor-state.ts';
import type { OriginalFile } from './content.ts';
import type { FileContent } from './file-content.ts';

/** What is to be written: the edits so far over the checkpoint that was opened. */
export interface SaveSubject {
  readonly checkpoint: Checkpoint;
  readonly state: DocumentState;
}

/** One file to be written. */
export interface Output {
  /** A real path. */
  readonly target: string;
  /** What will stand in the file; where `prepare` is there, an estimate of it. */
  readonly content: FileContent;
  /** Works out the content when the save begins, where it cannot be known before: bytes that are yet to be compressed, a file that a library writes. */
  readonly prepare?: (work: Preparation) => Promise<FileContent>;
  /** `part`: no checkpoint by itself (an index, a shard of weights): it is checked with all others. */
  readonly kind: WritableFormat | 'part';
}

/** What the making of a content may use. */
export interface Preparation {
  readonly engine: TensorEngine;
  readonly signal: AbortSignal;
  /** An empty file beside the target that belongs to this save and goes with it; the content may copy from it, or have it as `base`. */
  scratch(): Promise<string>;
}

/** All that a save does to the disk. */
export interface OutputPlan {
  readonly outputs: readonly Output[];
  /** Files that hold nothing any more. */
  readonly removes: readonly OriginalFile[];
}

/** How files of one format are written; each lives in a file of its own and is listed in `writers.ts`. */
export interface FormatWriter {
  readonly format: WritableFormat;
  /** For people: "MXNet parameters". */
  readonly label: string;
  /** Endings of names, with the dot, that ask for this format; the first is the usual one. */
  readonly extensions: readonly string[];
  /** Whether tensors of `dtype` can be stored. A new file gets the next wider dtype for one that cannot. */
  holds?(dtype: DType): boolean;
  /** Whether `checkpoint` can be saved where it lies by `planOwn`. */
  writes(checkpoint: Checkpoint): boolean;
  /**
   * What saving over the checkpoint's own files writes: only files that change. Everything that is no
   * tensor is kept.
   */
  planOwn(subject: SaveSubject): Promise<OutputPlan>;
  /**
   * All tensors as a new checkpoint at `target`, a real path. Where the subject's checkpoint is of this
   * format, what is no tensor comes along.
   *
   * @throws UnsupportedDTypeError, InvalidArgumentError naming the tensor that the format cannot hold, before anything is written
   */
  planNew(subject: SaveSubject, target: string): Promise<OutputPlan>;
  /**
   * Why the checkpoint's own file could not hold what `change` makes of the document, as a sentence; null
   * where it can. Asked before an edit is made: what is refused here can be done in a file of another format.
   */
  objection?(subject: SaveSubject, change: Change): string | null;
  /** Whether what stands beside the tensors of `checkpoint`, which is of another format, comes along into a new file. */
  keepsOthers?(checkpoint: Checkpoint): boolean;
  /** What of the document a new file of this format would not hold, as sentences; empty where nothing is lost. */
  losses(subject: SaveSubject): readonly string[];
  /** What a save does beside what was asked for, as sentences; `own` where it is over the checkpoint's own files. */
  notes?(subject: SaveSubject, place: { readonly own: boolean }): readonly string[];
}
