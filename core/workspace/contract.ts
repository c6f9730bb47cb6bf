import type { WritableFormat } from '../checkpoint/checkpoint.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { LazyTensor } from '../ndarray/lazy-tensor.ts';
import type { GradReq } from '../parameter/grad-req.ts';
import type { TensorEngine, WorkOptions } from '../stats/engine.ts';
import type { ComparisonRequest } from './compare/compared.ts';
import type { EditScript } from './edit-script.ts';
import type { EditInput, EditOf } from './edits.ts';
import type { DocumentValues } from './other-values.ts';
import type { ProbeSpec } from './parameter-probe/probe-kinds.ts';
import type { Query } from './query/query.ts';
import type { SearchOptions, Selection } from './query/selection.ts';
import type { TensorScanner } from './scan/scan.ts';
import type {
  CopyStatistics,
  DeviceList,
  DocumentSummary,
  EditPreview,
  HistoryItem,
  ParameterSummary,
  ProbeResult,
  RenamePreview,
  SavePlan,
  SaveResult,
  Task,
  TensorDetail,
  WorkspaceEvent,
  WrittenFormat,
} from './summary.ts';

export interface OpenOptions {
  /** Shown instead of the file's own name: the sample and uploads lie under scratch names. */
  readonly name?: string;
  /** False for uploads and the sample: Save then asks for a target. */
  readonly savable?: boolean;
  /** False where the result goes elsewhere: edits that the format of the opened file cannot hold are then made all the same. */
  readonly objects?: boolean;
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

export interface PlanOptions {
  /** A new file; without it the document's own are saved over. */
  readonly target?: { readonly path: string; readonly format?: WritableFormat | undefined } | undefined;
  /** As in `SaveOptions`. */
  readonly inPlace?: boolean;
}

/** The columns of all tensors, in document order: what the tree shows. */
export interface Listing {
  readonly ids: Uint32Array;
  readonly names: readonly string[];
  readonly dtypes: readonly string[];
  readonly shapes: readonly (readonly number[])[];
  readonly bytes: Float64Array;
  /** 1 for those that are the same elements as another; absent where none is. */
  readonly tied?: Uint8Array;
}

/** Find and replace in names. */
export type RenamePattern = Omit<EditOf<'rename-pattern'>, 'kind'>;

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
  /** What the checkpoint holds beside tensors and metadata, as it was opened; edits do not touch it. */
  values(): DocumentValues;
  history(): readonly HistoryItem[];
  edit(edit: EditInput): Promise<void>;
  /** The edits that are done since the last save, for `parascope edit --script`; files are named relative to the script's place, by default beside the document. */
  exportEdits(place?: string): EditScript;
  /** Writes that script to a file, at once and entirely. */
  saveEdits(path: string): Promise<void>;
  /** What `edit` would do; throws what it would throw for an edit that cannot be made. */
  preview(edit: EditInput): Promise<EditPreview>;
  /** What `rename-pattern` would do, with every collision where `preview` throws the first. Throws `InvalidArgumentError` for what is no pattern. */
  previewRename(replacement: RenamePattern): Promise<RenamePreview>;
  undo(): Promise<void>;
  redo(): Promise<void>;
  /** What `save`, or with a target `saveAs`, would do; nothing is written. Throws what they would throw before they write. */
  planSave(options?: PlanOptions): Promise<SavePlan>;
  save(options?: SaveOptions): Promise<SaveResult>;
  /** Writes all tensors to `path` in the format that the name's ending asks for; the document then belongs to that file. */
  saveAs(path: string, options?: SaveOptions): Promise<SaveResult>;
  /** Writes a copy to `path` and leaves the document as it is. */
  exportTo(path: string, options?: SaveOptions): Promise<SaveResult>;
  /** Drops the edits and reads the file anew. */
  reload(): Promise<void>;
  /** Replays the journal that an earlier run left. */
  resume(): Promise<void>;
  discardRecovery(): Promise<void>;
  /** The live Parameters of the tensors. */
  readonly parameters: ParameterControls;
}

/**
 * What can be done with the live Parameters of a document. None of it is an edit: the document's values
 * stay as they are. Each call gives what the Parameter is afterwards; one that fails changes nothing and
 * throws what Gluon's Parameter says. `tensor` is the id; NotFoundError where there is none.
 */
export interface ParameterControls {
  /** Finishes the deferred initialization: reads the document's value onto the Parameter's devices, or onto `devices`. */
  load(tensor: number, options?: WorkOptions & { readonly devices?: readonly string[] }): Promise<ParameterSummary>;
  /** Puts the Parameter back to deferred and frees its copies. */
  release(tensor: number): Promise<ParameterSummary>;
  initialize(tensor: number, spec: InitializeSpec): Promise<ParameterSummary>;
  setGradReq(tensor: number, gradReq: GradReq): Promise<ParameterSummary>;
  /** Those that are left out stay as they are. */
  setMultipliers(tensor: number, multipliers: Multipliers): Promise<ParameterSummary>;
  /** The mean of the copies goes to `devices`; a deferred Parameter will be loaded there. */
  resetDevices(tensor: number, devices: readonly string[]): Promise<ParameterSummary>;
  /** Writes one value into the copy on one device, as `parameter.data(device)[slice] = value` does. */
  setCopy(tensor: number, edit: CopyEdit): Promise<ParameterSummary>;
  /** Of the copy on one device, computed by that device. */
  copyStatistics(tensor: number, device: string): Promise<CopyStatistics>;
  /** Casts the live copies and gradients, not the document's value. */
  cast(tensor: number, dtype: DType): Promise<ParameterSummary>;
  zeroGrad(tensor: number): Promise<ParameterSummary>;
  /** Puts copies that were lost back: from one that survived, else from the document's value, which is read again. */
  restore(tensor: number, options?: WorkOptions): Promise<ParameterSummary>;
  /** Forward and backward passes over the live copies and gradient buffers. */
  probe(tensor: number, spec: ProbeSpec, options?: WorkOptions): Promise<ProbeResult>;
}

export interface InitializeSpec {
  /** A registered initializer by name, and its arguments in MXNet's names. */
  readonly initializer: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  /** By default those that the Parameter has. */
  readonly devices?: readonly string[];
  /** Without it an initialized Parameter stays as it is, with a warning. */
  readonly forceReinit?: boolean;
  /** Makes random values reproducible. */
  readonly seed?: number;
}

export interface CopyEdit {
  readonly device: string;
  /** NumPy basic slice without brackets; empty or `...` for all elements. */
  readonly slice: string;
  /** A number as text: `3`, `nan`, `true`, `1+2j`. */
  readonly value: string;
}

export interface Multipliers {
  readonly lrMult?: number;
  readonly wdMult?: number;
}

export interface Workspace {
  readonly engine: TensorEngine;
  /** Statistics of many tensors, with the memory of what was found before. */
  readonly scanner: TensorScanner;
  /** What documents can be saved as. */
  readonly formats: readonly WrittenFormat[];
  open(path: string, options?: OpenOptions): Promise<Document>;
  /** Throws `NotFoundError`. */
  document(id: string): Document;
  documents(): readonly Document[];
  /** Unsaved edits stay in the journal unless `discardEdits`. */
  closeDocument(id: string, options?: { readonly discardEdits?: boolean }): Promise<void>;
  /** Files whose journals hold unsaved edits from earlier runs. */
  recoverable(): Promise<readonly { readonly path: string; readonly edits: number; readonly savedAt: string }[]>;
  /** The devices that can hold copies, and what they hold now. Starts the worker of the GPUs to ask for them. */
  devices(): Promise<DeviceList>;
  /** What became of the tensors of the open document `before` in `after`, as a task; what no edit touched since is not read again. */
  compare(before: string, after: string, request: ComparisonRequest): Promise<void>;
  /** The tensors of an open document that meet a query; only what names, dtypes and shapes leave open is read. */
  select(document: string, query: Query, options?: SearchOptions): Promise<Selection>;
  tasks(): readonly Task[];
  cancelTask(id: string): void;
  /**
   * Runs `work` as a task with progress and cancel; the task's signal also follows `options.signal`. Work that
   * learns only on its way how much there is to do says so with its progress.
   */
  runTask<T>(
    spec: { readonly title: string; readonly document: string | null; readonly total: number },
    work: (options: {
      readonly signal: AbortSignal;
      readonly onProgress: (done: number, total?: number) => void;
    }) => Promise<T>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<T>;
  /** Returns the function that ends the subscription. */
  subscribe(listener: (event: WorkspaceEvent) => void): () => void;
  close(): Promise<void>;
}
