import { realpath } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Checkpoint, CheckpointFile } from '../checkpoint/checkpoint.ts';
import { FileChangedError, InvalidArgumentError, InvalidStateError, ParascopeError } from '../errors.ts';
import type { PlanOptions, SaveOptions } from './contract.ts';
import type { DocumentHost, DocumentParts } from './document-parts.ts';
import { journalFiles, openFiles, repairAndOpen } from './open-files.ts';
import { type Executed, execute, planWork } from './save/execute.ts';
import type { Output, OutputPlan, SaveSubject } from './save/format-writer.ts';
import { planOneFile, planOwnFiles } from './save/outputs.ts';
import { describePlan } from './save/plan-save.ts';
import { realTarget } from './save/replacement.ts';
import { patchable, saveInPlace } from './save/save-in-place.ts';
import type { SaveWork } from './save/write-file.ts';
import { ownWriter, writerOf } from './save/writers.ts';
import type { SavePlan, SaveResult } from './summary.ts';
import { readOnlyReason, writableEndings, writableFormatOf } from './writable-format.ts';

/**
 * Writes a document to disk. The caller sees to it that nothing else happens to the document
 * meanwhile. After a save the history begins anew: undoing further back would need the old bytes.
 */
export class DocumentSaver {
  readonly #parts: DocumentParts;
  readonly #host: DocumentHost;

  constructor(parts: DocumentParts, host: DocumentHost) {
    this.#parts = parts;
    this.#host = host;
  }

  /** Throws `InvalidStateError` where the document has no file of its own to save to. */
  async save(options: SaveOptions): Promise<SaveResult> {
    const { path } = this.#parts;
    this.#assertSavable();
    await this.#settle(options);
    const plan = await planOwnFiles(this.#subject());
    if (plan.outputs.length === 0 && plan.removes.length === 0) {
      await this.#goOnWith(path, []);
      return { plan: 'none', bytesWritten: 0, files: [] };
    }
    this.#assertNobodyStandsOnIt();
    const result = await this.#writing(async () => {
      const { result, checkpoints } = await this.#runOwn(plan, options);
      await this.#goOnWith(path, checkpoints);
      return result;
    });
    await this.#host.filesReplaced();
    return result;
  }

  async saveAs(path: string, options: SaveOptions): Promise<SaveResult> {
    const target = await this.#foreignTarget(path);
    if (target === null) return await this.save(options);
    await this.#settle(options);
    const result = await this.#writing(async () => {
      const { result: saved, checkpoints } = await this.#runElsewhere(path, target, options);
      this.#parts.path = resolve(path);
      this.#parts.name = basename(path);
      this.#parts.savable = true;
      await this.#goOnWith(this.#parts.path, checkpoints);
      return saved;
    });
    await this.#host.filesReplaced();
    return result;
  }

  async exportTo(path: string, options: SaveOptions): Promise<SaveResult> {
    const target = await this.#foreignTarget(path);
    if (target === null) throw new InvalidArgumentError(`${basename(path)} is the open file itself; save it instead.`);
    await this.#settle(options);
    const { result } = await this.#runElsewhere(path, target, options);
    await this.#host.filesReplaced();
    return result;
  }

  /** What `save`, or with a target `exportTo`, would do; throws what they would throw before writing. */
  async plan({ target, inPlace = false }: PlanOptions): Promise<SavePlan> {
    const subject = this.#subject();
    const foreign = target === undefined ? null : await this.#foreignTarget(target.path);
    if (target === undefined || foreign === null) {
      this.#assertSavable();
      const writer = ownWriter(subject.checkpoint);
      if (!writer) throw new TypeError(`${this.#parts.name} has no writer.`);
      return await describePlan({ subject, plan: await planOwnFiles(subject), writer, own: true, inPlace });
    }
    const format = target.format ?? writableFormatOf(target.path);
    const plan = await planOneFile(subject, { target: foreign, format });
    return await describePlan({ subject, plan, writer: writerOf(format), own: false, inPlace: false });
  }

  /** What others copied from the files as they are could not be read from the new ones. */
  #assertNobodyStandsOnIt(): void {
    const { id, name, files } = this.#parts;
    const others = this.#host.standingOn(id, files.files);
    if (others.length === 0) return;
    throw new InvalidStateError(
      `${others.join(', ')} ${others.length === 1 ? 'has' : 'have'} unsaved tensors that were copied from ${name} as it is on disk: save there first, or save ${name} under another name.`,
    );
  }

  #assertSavable(): void {
    const { name, savable, files } = this.#parts;
    const readOnly = readOnlyReason(files.checkpoint);
    if (readOnly !== null) throw new InvalidStateError(`${name} cannot be saved over. ${readOnly}`);
    if (!savable) throw new InvalidStateError(`${name} cannot be saved where it was opened from; use Save as.`);
  }

  #subject(): SaveSubject {
    return { checkpoint: this.#parts.files.checkpoint, state: this.#parts.session.state };
  }

  /** The real path of a file that is not part of this document; null for the document's own. */
  async #foreignTarget(path: string): Promise<string | null> {
    const target = await realTarget(path);
    const { files, realPath } = this.#parts.files;
    if (target === realPath) return null;
    for (const file of files) {
      const own = await realpath(file.path).catch(() => file.path);
      if (own === target) {
        throw new InvalidArgumentError(`${basename(path)} is a part of the open checkpoint; choose another name.`);
      }
    }
    if (path.endsWith('.json')) {
      throw new InvalidArgumentError(
        `${basename(path)} looks like an index; all tensors are written to one file. Choose a name that ends in ${writableEndings()}.`,
      );
    }
    return target;
  }

  /** Makes sure that the edits stand on what is on disk. Throws `FileChangedError`. */
  async #settle({ overwriteChanged = false }: SaveOptions): Promise<void> {
    const { watch, session, path } = this.#parts;
    await watch.check();
    if (watch.state === 'same') return;
    const difference = watch.difference ?? '';
    if (watch.state === 'missing') {
      throw new FileChangedError(`${difference} Its unedited tensors cannot be read; put the file back, then save.`);
    }
    if (!overwriteChanged) {
      throw new FileChangedError(
        `${difference} Reload it, or overwrite: then your edits are done again on the file as it is now.`,
      );
    }
    const { files } = await repairAndOpen(path, this.#host.commits);
    try {
      await session.reapply(files.checkpoint);
    } catch (error) {
      await files.checkpoint.close();
      throw error instanceof ParascopeError ? new FileChangedError(`${difference} ${error.message}`) : error;
    }
    await this.#adopt(files);
  }

  async #writing(work: () => Promise<SaveResult>): Promise<SaveResult> {
    this.#parts.watch.pause();
    try {
      return await work();
    } finally {
      this.#parts.watch.resume();
    }
  }

  #runOwn(plan: OutputPlan, options: SaveOptions): Promise<Executed> {
    const inPlace = options.inPlace ? patchable(plan) : null;
    return this.#asTask(plan, options, async (work) =>
      inPlace
        ? { result: await this.#patch(inPlace, work), checkpoints: [] }
        : await this.#execute(plan, work, (written) => this.#announceSave(plan, written)),
    );
  }

  /** Of a checkpoint of several files one is patched; a journal goes by the states of all. */
  async #patch(output: Output, work: SaveWork): Promise<SaveResult> {
    const { target } = output;
    const stamp = (await this.#filesAfter([])).find(({ real }) => real === target)?.file.stamp;
    if (!stamp) throw new InvalidStateError(`${basename(target)} is no file of the open checkpoint.`);
    const announce = async (patched: CheckpointFile['stamp']): Promise<void> => {
      const after = await this.#filesAfter([{ path: target, stamp: patched }]);
      await this.#parts.journal.saving(journalFiles(after.map(({ file }) => file)));
    };
    return await saveInPlace(output, { stamp, announce }, work);
  }

  /** `path` is what the user named: the file that it links to may be called anything. */
  async #runElsewhere(path: string, target: string, options: SaveOptions): Promise<Executed> {
    const plan = await planOneFile(this.#subject(), { target, format: options.format ?? writableFormatOf(path) });
    return await this.#asTask(plan, options, (work) => this.#execute(plan, work, async () => {}));
  }

  #execute(
    plan: OutputPlan,
    work: SaveWork,
    beforeReplacing: (written: readonly CheckpointFile[]) => Promise<void>,
  ): Promise<Executed> {
    const { commits } = this.#host;
    const { checkpoint: former, realPath } = this.#parts.files;
    return execute({ plan, path: realPath, former, commits, beforeReplacing }, work);
  }

  #asTask(plan: OutputPlan, { signal }: SaveOptions, run: (work: SaveWork) => Promise<Executed>): Promise<Executed> {
    const { id, name } = this.#parts;
    return this.#host.runTask(
      { title: `Save ${name}`, document: id, total: planWork(plan) },
      ({ signal: taskSignal, onProgress }) => {
        let done = 0;
        const onBytes = (count: number): void => {
          done += count;
          onProgress(done);
        };
        return run({ engine: this.#host.engine, signal: taskSignal, onBytes });
      },
      { signal },
    );
  }

  /** The files must still be those that were opened; the journal learns which states mean that the save went through. */
  async #announceSave({ removes }: OutputPlan, written: readonly CheckpointFile[]): Promise<void> {
    const { watch, journal } = this.#parts;
    const difference = await watch.differenceNow();
    if (difference !== null) {
      throw new FileChangedError(`${difference} It changed while it was being saved; nothing was replaced.`);
    }
    const after = (await this.#filesAfter(written)).filter(({ real }) => !removes.some(({ path }) => path === real));
    await journal.saving(journalFiles(after.map(({ file }) => file)));
  }

  /** The document's files, with their real paths, as they are once `written` (real paths) is what lies there. */
  async #filesAfter(
    written: readonly CheckpointFile[],
  ): Promise<{ readonly real: string; readonly file: CheckpointFile }[]> {
    const after = [];
    for (const { path, stamp } of this.#parts.files.files) {
      const real = await realpath(path);
      after.push({ real, file: { path, stamp: written.find((other) => other.path === real)?.stamp ?? stamp } });
    }
    return after;
  }

  /** Reads anew what lies at `path`, `written` a moment ago; from here on nothing is unsaved. */
  async #goOnWith(path: string, written: readonly Checkpoint[]): Promise<void> {
    const files = await openFiles(path, [this.#parts.files.checkpoint, ...written]);
    this.#parts.session.rebase(files.checkpoint);
    await this.#adopt(files);
    const warning = await this.#parts.journal.startAnew({ path: files.realPath, files: journalFiles(files.files) });
    if (warning !== null) this.#parts.warnings = [...this.#parts.warnings, warning];
  }

  async #adopt(files: DocumentParts['files']): Promise<void> {
    await this.#parts.files.checkpoint.close();
    this.#parts.files = files;
    this.#parts.watch.follow(files.files);
  }
}
