import { randomUUID } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { scratchUnpacker } from '../checkpoint/unpack/scratch-unpacker.ts';
import { DeviceRuntime, type DeviceRuntimeOptions } from '../device/runtime.ts';
import { NotFoundError } from '../errors.ts';
import type { TensorEngine } from '../stats/engine.ts';
import { createTensorEngine } from '../stats/pool.ts';
import { warnings } from '../warnings.ts';
import type { ComparingEngine } from './compare/compare.ts';
import { compareDocuments } from './compare/compare-documents.ts';
import type { ComparisonRequest } from './compare/compared.ts';
import { rememberingEngine } from './compare/known-differences.ts';
import type { Document, OpenOptions, Workspace } from './contract.ts';
import { Deriver } from './derive/deriver.ts';
import { drawOn } from './derive/draw.ts';
import { summarizeDevice } from './device-summary.ts';
import { DiskWatch } from './disk-watch.ts';
import { OpenDocument } from './document.ts';
import type { DocumentHost, DocumentParts } from './document-parts.ts';
import { EditJournal } from './edit-journal.ts';
import { EditSession } from './edit-session.ts';
import { isHeard } from './heard-warnings.ts';
import { JournalStore } from './journal/store.ts';
import { journalFiles, repairAndOpen, sweepFiles } from './open-files.ts';
import type { Query } from './query/query.ts';
import { selectTensors } from './query/select-tensors.ts';
import type { SearchOptions, Selection } from './query/selection.ts';
import { CommitLog } from './save/commit-record.ts';
import { Scanner } from './scan/scanner.ts';
import { statisticsArchiveIn } from './scan/statistics-archive.ts';
import { statisticsCacheIn } from './scan/statistics-cache.ts';
import type { DeviceList, WorkspaceEvent } from './summary.ts';
import { TaskBoard } from './tasks.ts';
import { writtenFormats } from './writable-format.ts';

export interface WorkspaceOptions {
  /** Absolute path of the folder for journals, commit records and what scans found; made when needed. */
  readonly stateDirectory: string;
  /** By default one is made, and closed with the workspace. */
  readonly engine?: TensorEngine;
  /** Of the engine that is made; by default as many as the machine has processors, at most 4. */
  readonly threads?: number;
  /** False where edits live no longer than the call that makes them (command line): no journals, no recovery. */
  readonly journaling?: boolean;
  /** How copies of Parameters are held: who serves the devices, and their memory. */
  readonly devices?: Omit<DeviceRuntimeOptions, 'onLost'>;
}

/** The one entry to documents, edits, saves and tasks, for the window, the server and the command line alike. */
export function createWorkspace(options: WorkspaceOptions): Workspace {
  return new LocalWorkspace(options);
}

class LocalWorkspace implements Workspace {
  readonly engine: TensorEngine;
  readonly scanner: Scanner;
  readonly formats = writtenFormats();
  readonly #ownsEngine: boolean;
  readonly #comparing: ComparingEngine;
  readonly #runtime: DeviceRuntime;
  readonly #commits: CommitLog;
  readonly #journals: JournalStore;
  readonly #journaling: boolean;
  readonly #documents = new Map<string, OpenDocument>();
  /** By real path, so that a file that two pages open at once is opened once. */
  readonly #opening = new Map<string, Promise<OpenDocument>>();
  /** With what ends each one's hearing of warnings. */
  readonly #listeners = new Map<(event: WorkspaceEvent) => void, () => void>();
  readonly #tasks = new TaskBoard((task) => this.#emit({ type: 'task', task }));
  readonly runTask = this.#tasks.run;

  constructor({ stateDirectory, engine, threads, journaling = true, devices }: WorkspaceOptions) {
    this.#runtime = new DeviceRuntime({
      ...devices,
      onLost: () => {
        for (const document of this.#documents.values()) document.devicesLost();
      },
    });
    this.engine = engine ?? this.#makeEngine(stateDirectory, threads);
    this.#comparing = rememberingEngine(this.engine);
    this.#ownsEngine = engine === undefined;
    this.scanner = new Scanner(this.engine, statisticsCacheIn(stateDirectory));
    this.#commits = CommitLog.under(stateDirectory);
    this.#journals = new JournalStore(join(stateDirectory, 'journals'));
    this.#journaling = journaling;
  }

  #makeEngine(stateDirectory: string, threads: number | undefined): TensorEngine {
    const unpacker = new Deriver(scratchUnpacker(), drawOn(this.#runtime));
    const memory = statisticsArchiveIn(stateDirectory);
    const engine = createTensorEngine({ unpacker, memory, ...(threads !== undefined && { threads }) });
    unpacker.evaluateBy(engine);
    return engine;
  }

  /** A file that is open already is not opened again: its document is returned. */
  async open(path: string, options: OpenOptions = {}): Promise<Document> {
    options.signal?.throwIfAborted();
    const key = await realpath(path).catch(() => resolve(path));
    const known = [...this.#documents.values()].find((document) => document.realPath === key);
    if (known) return known;
    const underWay = this.#opening.get(key) ?? this.#openAnew(path, options);
    this.#opening.set(key, underWay);
    try {
      return await underWay;
    } finally {
      this.#opening.delete(key);
    }
  }

  document(id: string): Document {
    const document = this.#documents.get(id);
    if (!document) throw new NotFoundError(`There is no open document ${id}; it may have been closed.`, { id });
    return document;
  }

  documents(): readonly Document[] {
    return [...this.#documents.values()];
  }

  async closeDocument(id: string, { discardEdits = false }: { readonly discardEdits?: boolean } = {}): Promise<void> {
    const document = this.#documents.get(id);
    if (!document) throw new NotFoundError(`There is no open document ${id}; it may have been closed.`, { id });
    this.#documents.delete(id);
    await document.close({ keepEdits: !discardEdits });
    this.#emit({ type: 'closed', document: id });
  }

  recoverable(): ReturnType<Workspace['recoverable']> {
    return this.#journals.recoverable();
  }

  async devices(): Promise<DeviceList> {
    const { devices, reason } = await this.#runtime.discover();
    return { reason, devices: devices.map(summarizeDevice) };
  }

  compare(before: string, after: string, request: ComparisonRequest): Promise<void> {
    const work = { ...request, engine: this.#comparing, runTask: this.runTask };
    return compareDocuments(this.document(before), this.document(after), work);
  }

  select(document: string, query: Query, options: SearchOptions = {}): Promise<Selection> {
    return selectTensors(this.document(document), query, { ...options, scanner: this.scanner });
  }

  tasks(): ReturnType<Workspace['tasks']> {
    return this.#tasks.list();
  }

  cancelTask(id: string): void {
    this.#tasks.cancel(id);
  }

  subscribe(listener: (event: WorkspaceEvent) => void): () => void {
    const ignoreWarnings = warnings.subscribe(({ message }) => {
      if (!isHeard()) listener({ type: 'warning', message });
    });
    this.#listeners.set(listener, ignoreWarnings);
    return () => {
      this.#listeners.delete(listener);
      ignoreWarnings();
    };
  }

  async close(): Promise<void> {
    this.#tasks.cancelAll();
    await Promise.allSettled(this.#opening.values());
    for (const id of [...this.#documents.keys()]) await this.closeDocument(id);
    for (const ignoreWarnings of this.#listeners.values()) ignoreWarnings();
    this.#listeners.clear();
    if (this.#ownsEngine) await this.engine.close();
    await this.#runtime.close();
  }

  async #openAnew(path: string, options: OpenOptions): Promise<OpenDocument> {
    const absolute = resolve(path);
    const { files, warnings: repairs } = await repairAndOpen(absolute, this.#commits);
    await sweepFiles(files);
    const store = this.#journaling ? this.#journals : null;
    const subject = { path: files.realPath, files: journalFiles(files.files) };
    const { journal, warnings } = await EditJournal.open(store, subject);
    const parts: DocumentParts = {
      id: randomUUID(),
      path: absolute,
      name: options.name ?? basename(absolute),
      savable: options.savable ?? true,
      objects: options.objects ?? true,
      files,
      warnings: [...repairs, ...warnings],
      session: new EditSession(files.checkpoint),
      journal,
      watch: new DiskWatch(files.files, () => document.diskChanged()),
    };
    const document = new OpenDocument(parts, this.#host());
    this.#documents.set(document.id, document);
    this.#emit({ type: 'opened', document: document.summary() });
    return document;
  }

  #host(): DocumentHost {
    return {
      engine: this.engine,
      scanner: this.scanner,
      runtime: this.#runtime,
      commits: this.#commits,
      runTask: this.runTask,
      emit: (event) => this.#emit(event),
      stored: (id, tensor) => {
        const document = this.#documents.get(id);
        if (!document) throw new NotFoundError(`There is no open document ${id}; it may have been closed.`, { id });
        return document.stored(tensor);
      },
      standingOn: (id, files) =>
        [...this.#documents.values()].flatMap((document) =>
          document.id !== id && document.standsOn(files) ? [document.summary().name] : [],
        ),
      filesReplaced: async () => {
        for (const document of this.#documents.values()) await document.checkDisk();
      },
    };
  }

  #emit(event: WorkspaceEvent): void {
    for (const listener of this.#listeners.keys()) listener(event);
  }
}
