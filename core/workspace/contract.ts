import type { LazyTensor } from '../ndarray/lazy-tensor.ts';
import type { TensorEngine, WorkOptions } from '../stats/engine.ts';
import type { WritableFormat } from './editable-checkpoint.ts';
import type { Edit } from './edits.ts';
import type {
  DocumentSummary,
  HistoryItem,
  ParameterSummary,
  SaveResult,
  Task,
  TensorDetail,
  WorkspaceEvent,
} from './summary.ts';

export interface OpenOptions {
  /** Shown instead of the file's own name: the sample and uploads lie under scratch names. */
  readonly name?: string;
  /** False for uploads and the sample: Save then asks for a target. */
  readonly savable?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface SaveOptions {
  /** Of a new file (Save as, export); by default the one that its name speaks for. MXNet files hold no metadata: it is left out. */
  readonly format?: WritableFormat | undefined;
  /** Overwrite although the file on disk is not the one that was opened. */
  readonly overwriteChanged?: boolean;
  /** Patch the file itself under an undo record where only values changed (command line `--in-place`). */
  readonly inPlace?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** The columns of all tensors, in document order: what the tree shows. */
export interface Listing {
  readonly ids: Uint32Array;
  readonly names: readonly string[];
  readonly dtypes: readonly string[];
  readonly shapes: readonly (readonly number[])[];
  readonly bytes: Float64Array;
}

/** An open checkpoint and the edits made since. */
export interface Document {
  readonly id: string;
  /** Absolute path of what was opened; never leaves the host. */
  readonly path: string;
  summary(): DocumentSummary;
  listing(): Listing;
  detail(tensor: number): Promise<TensorDetail>;
  /** The current value of a tensor, edits included. */
  lazy(tensor: number): LazyTensor;
  /** The id of the tensor that now bears `name`; throws `NotFoundError`. */
  idOf(name: string): number;
  history(): readonly HistoryItem[];
  edit(edit: Edit): Promise<void>;
  undo(): Promise<void>;
  redo(): Promise<void>;
  save(options?: SaveOptions): Promise<SaveResult>;
  /** Writes all tensors to `path` (`.params` and `.nd`: an MXNet file, else safetensors); the document then belongs to that file. */
  saveAs(path: string, options?: SaveOptions): Promise<SaveResult>;
  /** Writes a copy to `path` and leaves the document as it is. */
  exportTo(path: string, options?: SaveOptions): Promise<SaveResult>;
  /** Drops the edits and reads the file anew. */
  reload(): Promise<void>;
  /** Replays the journal that an earlier run left. */
  resume(): Promise<void>;
  discardRecovery(): Promise<void>;
  /** Finishes the deferred initialization of the tensor's Parameter on cpu(0). */
  load(tensor: number, options?: WorkOptions): Promise<ParameterSummary>;
  /** Puts the Parameter back to deferred and frees its copies. */
  unload(tensor: number): Promise<ParameterSummary>;
}

export interface Workspace {
  readonly engine: TensorEngine;
  open(path: string, options?: OpenOptions): Promise<Document>;
  /** Throws `NotFoundError`. */
  document(id: string): Document;
  documents(): readonly Document[];
  /** Unsaved edits stay in the journal unless `discardEdits`. */
  closeDocument(id: string, options?: { readonly discardEdits?: boolean }): Promise<void>;
  /** Files whose journals hold unsaved edits from earlier runs. */
  recoverable(): Promise<readonly { readonly path: string; readonly edits: number; readonly savedAt: string }[]>;
  tasks(): readonly Task[];
  cancelTask(id: string): void;
  /** Runs `work` as a task with progress and cancel; the task's signal also follows `options.signal`. */
  runTask<T>(
    spec: { readonly title: string; readonly document: string | null; readonly total: number },
    work: (options: { readonly signal: AbortSignal; readonly onProgress: (done: number) => void }) => Promise<T>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<T>;
  /** Returns the function that ends the subscription. */
  subscribe(listener: (event: WorkspaceEvent) => void): () => void;
  close(): Promise<void>;
}
