import { basename, dirname } from 'node:path';
import type { CheckpointFile } from '../checkpoint/checkpoint.ts';
import { InvalidStateError, UnsupportedEditError } from '../errors.ts';
import { bytesFor } from '../ndarray/dtype.ts';
import type { LazyTensor } from '../ndarray/lazy-tensor.ts';
import { elementCount } from '../ndarray/shape.ts';
import type { WorkOptions } from '../stats/engine.ts';
import type { Document, Listing, ParameterControls, PlanOptions, RenamePattern, SaveOptions } from './contract.ts';
import type { DocumentHost, DocumentParts } from './document-parts.ts';
import { DocumentSaver } from './document-saver.ts';
import { previewOf } from './edit-preview.ts';
import type { EditScript } from './edit-script.ts';
import { type StoredTensor, selfContained, withFiles } from './edit-sources.ts';
import { type EditInput, editRequestSchema } from './edits.ts';
import { findTensors } from './find-tensors.ts';
import type { Step } from './history.ts';
import { objectionTo } from './objection.ts';
import { journalFiles, repairAndOpen } from './open-files.ts';
import { type DocumentValues, documentValues, hasValues } from './other-values.ts';
import { LiveParameters } from './parameters.ts';
import { previewRename } from './plan/rename.ts';
import { writeRecord } from './record-file.ts';
import { scriptOf } from './script-files.ts';
import { standsOn } from './state/stands-on.ts';
import { type Change, SAME_EDIT, stepsOf } from './state/tensor-state.ts';
import { ValueRevisions } from './state/value-revisions.ts';
import type {
  DocumentSummary,
  EditPreview,
  HistoryItem,
  RenamePreview,
  SavePlan,
  SaveResult,
  TensorDetail,
} from './summary.ts';
import { readOnlyReason, saveAsName } from './writable-format.ts';

/** An open checkpoint; what changes it happens one after the other, in the order of the calls. */
export class OpenDocument implements Document {
  readonly #parts: DocumentParts;
  readonly #host: DocumentHost;
  readonly #saver: DocumentSaver;
  readonly #parameters: LiveParameters;
  readonly #values = new ValueRevisions();
  #revision = 0;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(parts: DocumentParts, host: DocumentHost) {
    this.#parts = parts;
    this.#host = host;
    this.#saver = new DocumentSaver(parts, host);
    this.#parameters = new LiveParameters({
      runtime: host.runtime,
      engine: host.engine,
      lazy: (id) => this.lazy(id),
      nameOf: (id) => parts.session.state.byId(id).name,
      fileName: () => parts.name,
      runTask: (spec) => (work, options) =>
        host.runTask({ ...spec, document: parts.id }, (task) => work(following(task, options)), options),
      changed: (id) => this.#parameterChanged(id),
    });
  }

  get id(): string {
    return this.#parts.id;
  }

  get path(): string {
    return this.#parts.path;
  }

  /** With links followed: two paths to one file are one document. */
  get realPath(): string {
    return this.#parts.files.realPath;
  }

  get parameters(): ParameterControls {
    return this.#parameters;
  }

  summary(): DocumentSummary {
    const { id, name, files, session, journal, watch, savable, warnings } = this.#parts;
    const { state, history, listingRevision } = session;
    const readOnly = readOnlyReason(files.checkpoint);
    return {
      id,
      name,
      format: files.checkpoint.format,
      files: files.files.map(({ path, stamp }) => ({ name: basename(path), size: stamp.size })),
      totals: state.totals,
      metadata: Object.fromEntries(state.metadata),
      revision: this.#revision,
      listingRevision,
      dirty: history.doneCount > 0,
      undo: history.last?.label ?? null,
      redo: history.next?.label ?? null,
      disk: watch.state,
      recovery: journal.recovery,
      savable: savable && readOnly === null,
      unsavable: readOnly ?? (savable ? null : 'It was opened from a place that it cannot be saved to.'),
      saveAsName: saveAsName(name, files.checkpoint),
      hasValues: hasValues(files.checkpoint),
      devices: this.#parameters.totals(),
      warnings,
    };
  }

  listing(): Listing {
    return this.#parts.session.state.listing();
  }

  async detail(tensor: number): Promise<TensorDetail> {
    const { state } = this.#parts.session;
    const current = state.byId(tensor);
    const entry = state.entry(tensor);
    const region = state.region(tensor);
    const elements = elementCount(entry.shape);
    return {
      id: tensor,
      name: current.name,
      dtype: current.dtype,
      shape: entry.shape,
      elements,
      bytes: bytesFor(current.dtype, elements),
      stored: {
        file: basename(region.path),
        offset: region.offset,
        bytes: region.nbytes,
        dtype: entry.dtype,
        packed: entry.packed !== undefined,
      },
      facts: entry.facts ?? {},
      sharedWith: state.sharing(tensor),
      tiedTo: state
        .tiedTo(current)
        .slice(0, MAX_TIED)
        .map(({ name }) => name),
      valueRevision: this.#values.of(tensor),
      edits: stepsOf(current).flatMap(({ label }) => (label === SAME_EDIT ? [] : [label])),
      parameter: await this.#parameters.summary(tensor),
    };
  }

  lazy(tensor: number): LazyTensor {
    return this.#parts.session.state.lazy(tensor);
  }

  idOf(name: string): number {
    return this.#parts.session.state.byName(name).id;
  }

  values(): DocumentValues {
    return documentValues(this.#parts.files.checkpoint);
  }

  history(): readonly HistoryItem[] {
    return this.#parts.session.history.items();
  }

  edit(edit: EditInput): Promise<void> {
    return this.#exclusive(async () => {
      const { session, journal } = this.#parts;
      const step = await this.#planned(edit);
      this.#assertFits(step.change);
      await journal.edit(step.edit);
      this.#changed([session.do(step)]);
    });
  }

  async previewRename(pattern: RenamePattern): Promise<RenamePreview> {
    const preview = await previewRename(this.#parts.session.state, pattern);
    const isPossible = preview.renamed > 0 && preview.problems === 0;
    return {
      ...preview,
      objection: isPossible ? (await this.preview({ kind: 'rename-pattern', ...pattern })).objection : null,
    };
  }

  exportEdits(place = this.path): EditScript {
    return scriptOf(this.#parts.session.doneEdits(), dirname(place));
  }

  saveEdits(path: string): Promise<void> {
    return writeRecord(path, this.exportEdits(path));
  }

  async #planned(input: EditInput): Promise<Step> {
    const { session } = this.#parts;
    const { request, edited } = withFiles(editRequestSchema.parse(input), this.#host.stored);
    if (request.kind !== 'select') return await session.plan(selfContained(request, edited));
    const found = await findTensors(this, request.query, this.#host);
    return await session.planSelected({ ...request, found, edited });
  }

  /** Where a tensor can be found by others; what edits make of it is found by doing them again. */
  stored(tensor: string): StoredTensor {
    const { files, session } = this.#parts;
    const file = this.path;
    // Which tensors are meant is only known when the edit is planned.
    const isOpen = tensor.includes('{name}');
    const named = isOpen ? null : session.state.byName(tensor);
    const entry = named && session.state.stored(named.id);
    if (entry && named.steps === null) return { file, tensor: entry.name };
    if (isOpen && session.history.doneCount === 0) return { file, tensor };
    const stamp = files.files.find(({ path }) => path === files.checkpoint.path)?.stamp;
    return { file, tensor, edited: { file, stamp, edits: session.doneEdits() } };
  }

  /** Whether tensors were copied in, or computed, from these files. */
  standsOn(files: readonly CheckpointFile[]): boolean {
    return standsOn(this.#parts.session.state, files);
  }

  preview(edit: EditInput): Promise<EditPreview> {
    return this.#exclusive(async () => {
      const step = await this.#planned(edit);
      return previewOf(step, this.#objection(step.change));
    });
  }

  undo(): Promise<void> {
    return this.#exclusive(async () => {
      const { session, journal } = this.#parts;
      const step = session.stepBack();
      await journal.undo();
      this.#changed([session.undo(step)]);
    });
  }

  redo(): Promise<void> {
    return this.#exclusive(async () => {
      const { session, journal } = this.#parts;
      const step = session.stepForward();
      await journal.redo();
      this.#changed([session.redo(step)]);
    });
  }

  planSave(options: PlanOptions = {}): Promise<SavePlan> {
    return this.#exclusive(() => this.#saver.plan(options));
  }

  save(options: SaveOptions = {}): Promise<SaveResult> {
    return this.#saving(() => this.#saver.save(options));
  }

  saveAs(path: string, options: SaveOptions = {}): Promise<SaveResult> {
    return this.#saving(() => this.#saver.saveAs(path, options));
  }

  exportTo(path: string, options: SaveOptions = {}): Promise<SaveResult> {
    return this.#saving(() => this.#saver.exportTo(path, options));
  }

  reload(): Promise<void> {
    return this.#exclusive(async () => {
      const { session, journal, watch, files: former } = this.#parts;
      const { files, warnings } = await repairAndOpen(this.path, this.#host.commits);
      session.restart(files.checkpoint);
      await former.checkpoint.close();
      this.#parts.files = files;
      this.#parts.warnings = warnings;
      watch.follow(files.files);
      await journal.startAnew({ path: files.realPath, files: journalFiles(files.files) });
      this.#parameters.releaseAll();
      this.#values.noteAll();
      this.#changed([]);
    });
  }

  resume(): Promise<void> {
    return this.#exclusive(async () => {
      const { session, journal } = this.#parts;
      if (!journal.recovery) throw new InvalidStateError('There are no unsaved edits of an earlier run.');
      if (!session.history.isEmpty) {
        throw new InvalidStateError('Save or undo your own edits before you resume those of the earlier run.');
      }
      const changes = await session.replay(journal.recoverableEdits);
      await journal.adoptPending();
      this.#changed(changes);
    });
  }

  discardRecovery(): Promise<void> {
    return this.#exclusive(async () => {
      await this.#parts.journal.discardPending();
      this.#changed([]);
    });
  }

  /** Looks at the files now instead of within the second. */
  checkDisk(): Promise<void> {
    return this.#parts.watch.check();
  }

  diskChanged(): void {
    this.#revision += 1;
    this.#host.emit({ type: 'document', document: this.summary() });
  }

  /** A device worker died and took copies along. */
  devicesLost(): void {
    for (const tensor of this.#parameters.lost()) this.#parameterChanged(tensor);
  }

  /** Waits for what is under way, then lets go of everything; without `keepEdits` the journal goes too. */
  close({ keepEdits }: { readonly keepEdits: boolean }): Promise<void> {
    return this.#exclusive(async () => {
      const { watch, journal, session, files } = this.#parts;
      this.#closed = true;
      watch.stop();
      this.#parameters.releaseAll();
      await journal.close({ keep: keepEdits && session.history.doneCount > 0 });
      await files.checkpoint.close();
    });
  }

  async #saving(work: () => Promise<SaveResult>): Promise<SaveResult> {
    return await this.#exclusive(async () => {
      const { watch, session } = this.#parts;
      const { state } = session;
      const standsOnOthers = watch.state !== 'same';
      try {
        return await work();
      } finally {
        // Where the file had changed, the edits now stand on what is in it.
        if (standsOnOthers && session.state !== state) this.#values.noteAll();
        this.#changed([]);
      }
    });
  }

  /** What the file could not hold is refused before it is done. Throws `UnsupportedEditError`. */
  #assertFits(change: Change): void {
    const objection = this.#objection(change);
    if (objection !== null) throw new UnsupportedEditError(objection);
  }

  #objection(change: Change): string | null {
    const { files, session, savable, objects } = this.#parts;
    if (!savable || !objects) return null;
    return objectionTo({ checkpoint: files.checkpoint, state: session.state }, change);
  }

  #changed(changes: readonly Change[]): void {
    for (const { tensors } of changes) {
      this.#values.noteChanges(tensors);
      for (const tensor of this.#parameters.valuesChanged(tensors)) this.#parameterChanged(tensor);
    }
    this.#revision += 1;
    this.#host.emit({ type: 'document', document: this.summary() });
  }

  #parameterChanged(tensor: number): void {
    const devices = this.#parameters.totals();
    this.#host.emit({ type: 'parameter', document: this.id, tensor, devices });
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(() => {
      if (this.#closed) throw new InvalidStateError(`${this.#parts.name} was closed.`);
      return work();
    });
    this.#last = result.catch(() => {});
    return result;
  }
}

/** Of a list that people read. */
const MAX_TIED = 100;

/** The task's own signal, and progress for the task and for whoever asked. */
function following(task: WorkOptions, { onProgress }: WorkOptions): WorkOptions {
  return {
    signal: task.signal,
    onProgress: (done) => {
      task.onProgress?.(done);
      onProgress?.(done);
    },
  };
}
