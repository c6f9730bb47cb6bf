import { EventEmitter } from 'node:events';
import { FileAccessError, InvalidStateError, NotFoundError } from '../../../core/errors.ts';
import type { TensorStats } from '../../../core/stats/engine.ts';
import type { Document, Listing, OpenOptions, Workspace } from '../../../core/workspace/contract.ts';
import { Scanner } from '../../../core/workspace/scan/scanner.ts';
import type { DocumentSummary, HistoryItem, TensorDetail, WorkspaceEvent } from '../../../core/workspace/summary.ts';

/** Long work that ends only when it is aborted, and tells what became of it. */
export interface EndlessWork {
  readonly started: Promise<void>;
  readonly aborted: Promise<void>;
}

export interface FakeWorkspace extends Workspace {
  readonly opened: { readonly path: string; readonly options: OpenOptions | undefined }[];
  /** Makes the next `stats` or `cells` endless. */
  holdNextWork(): EndlessWork;
  emit(event: WorkspaceEvent): void;
  listeners(): number;
  /** Paths written by `exportTo` and `saveAs`, with what was written. */
  exportBytes: Uint8Array;
}

export const HISTORY_LENGTH = 100_000;

const STATS: TensorStats = {
  count: 4,
  min: 0,
  max: 3,
  mean: 1.5,
  std: 1.118,
  l2: 3.742,
  zeros: 1,
  nans: 0,
  infs: 0,
  negatives: 0,
  sparsity: 0.25,
  distinct: null,
  quantiles: [{ q: 0.5, value: 1.5, low: 1.5, high: 1.5 }],
  l1: 6,
  histogram: { edges: [0, 1.5, 3], counts: [2, 2] },
};

export function summaryOf(id: string, name: string): DocumentSummary {
  return {
    id,
    name,
    format: 'safetensors',
    files: [{ name, size: 128 }],
    totals: { tensors: 1, elements: 4, bytes: 16, byDType: [{ dtype: 'float32', tensors: 1, elements: 4, bytes: 16 }] },
    metadata: { origin: 'test' },
    revision: 1,
    listingRevision: 1,
    dirty: false,
    undo: null,
    redo: null,
    disk: 'same',
    recovery: null,
    savable: true,
    unsavable: null,
    saveAsName: name,
    hasValues: false,
    devices: [],
  };
}

/** A workspace of one-tensor documents that reads no files: enough to see what a host does with one. */
export function createFakeWorkspace(): FakeWorkspace {
  const events = new EventEmitter();
  const documents = new Map<string, Document>();
  const opened: FakeWorkspace['opened'] = [];
  let held: { start: () => void; abort: () => void } | null = null;

  const work = async <T>(value: T, signal: AbortSignal | undefined): Promise<T> => {
    if (!held) return value;
    const { start, abort } = held;
    held = null;
    start();
    await new Promise<void>((resolve) => {
      if (signal?.aborted) resolve();
      signal?.addEventListener('abort', () => resolve());
    });
    abort();
    return value;
  };
  const unused = (): never => {
    throw new InvalidStateError('The fake workspace does not do that.');
  };

  const workspace: FakeWorkspace = {
    opened,
    exportBytes: new TextEncoder().encode('exported'),
    formats: [],
    engine: {
      stats: (_tensor, options) => work(STATS, options?.signal),
      cells: (_tensor, _ranges, options) =>
        work({ dtype: 'float32', encoding: 'float64', shape: [2], bytes: new Uint8Array(16).fill(7) }, options?.signal),
      histogram: unused,
      quantiles: unused,
      axisNorms: unused,
      spectrum: unused,
      hash: unused,
      read: unused,
      heatmap: () => Promise.reject(new Error('/secret/path is broken')),
      deltaHeatmap: () => Promise.reject(new Error('/secret/path is broken')),
      diff: unused,
      close: async () => {},
    },
    get scanner() {
      return new Scanner(workspace.engine);
    },
    holdNextWork() {
      let start = (): void => {};
      let abort = (): void => {};
      const started = new Promise<void>((resolve) => {
        start = resolve;
      });
      const aborted = new Promise<void>((resolve) => {
        abort = resolve;
      });
      held = { start, abort };
      return { started, aborted };
    },
    devices: unused,
    emit: (event) => events.emit('event', event),
    listeners: () => events.listenerCount('event'),
    async open(path, options) {
      if (path.endsWith('broken.safetensors')) throw new FileAccessError('It is broken at byte 8.', { offset: 8 });
      opened.push({ path, options });
      const id = `doc-${documents.size + 1}`;
      const document = fakeDocument(id, path, options?.name ?? path, () => workspace.exportBytes);
      documents.set(id, document);
      return document;
    },
    document(id) {
      const document = documents.get(id);
      if (!document) throw new NotFoundError(`There is no document ${id}.`, { document: id });
      return document;
    },
    documents: () => [...documents.values()],
    closeDocument: async (id) => {
      documents.delete(id);
    },
    recoverable: async () => [],
    tasks: () => [],
    compare: unused,
    select: unused,
    cancelTask: unused,
    runTask: (_spec, run, options) =>
      run({ signal: options?.signal ?? new AbortController().signal, onProgress: () => {} }),
    subscribe(listener) {
      events.on('event', listener);
      return () => events.off('event', listener);
    },
    close: async () => {},
  };
  return workspace;
}

function fakeDocument(id: string, path: string, name: string, exported: () => Uint8Array): Document {
  const unused = (): never => {
    throw new InvalidStateError('The fake document does not do that.');
  };
  const listing: Listing = {
    ids: Uint32Array.of(0),
    names: ['w'],
    dtypes: ['float32'],
    shapes: [[2, 2]],
    bytes: Float64Array.of(16),
  };
  const history: HistoryItem[] = Array.from({ length: HISTORY_LENGTH }, (_, i) => ({
    label: `Set w[${i}] = ${i}`,
    tensors: 1,
    done: true,
  }));
  return {
    id,
    path,
    summary: () => summaryOf(id, name),
    listing: () => listing,
    detail: async (): Promise<TensorDetail> => unused(),
    lazy: () => ({
      dtype: 'float32',
      shape: [2, 2],
      region: { path, offset: 0, nbytes: 16, stamp: { size: 16, mtimeMs: 0, ino: 0 } },
      steps: [],
    }),
    idOf: () => 0,
    values: () => ({ values: [], left: 0 }),
    history: () => history,
    edit: async () => unused(),
    previewRename: async () => unused(),
    exportEdits: () => unused(),
    saveEdits: async () => {},
    preview: async () => unused(),
    undo: async () => unused(),
    redo: async () => unused(),
    planSave: async () => unused(),
    save: async () => unused(),
    saveAs: async () => unused(),
    async exportTo(target) {
      const { writeFile } = await import('node:fs/promises');
      await writeFile(target, exported());
      return { plan: 'rewrite', bytesWritten: exported().byteLength, files: [name] };
    },
    reload: async () => unused(),
    resume: async () => unused(),
    discardRecovery: async () => unused(),
    get parameters() {
      return unused();
    },
  };
}
