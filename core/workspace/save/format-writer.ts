import type { Checkpoint, WritableFormat } from '../../checkpoint/checkpoint.ts';
import type { DocumentState } from '../state/document-state.ts';
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
  readonly content: FileContent;
  /** `part`: no checkpoint by itself (an index, a shard of weights), so that it is not opened to be checked. */
  readonly kind: WritableFormat | 'part';
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
  /** What of the document a new file of this format would not hold, as sentences; empty where nothing is lost. */
  losses(subject: SaveSubject): readonly string[];
}
