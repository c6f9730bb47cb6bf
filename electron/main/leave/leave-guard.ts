import { ParascopeError } from '../../../core/errors.ts';
import type { Document, Workspace } from '../../../core/workspace/contract.ts';
import type { Task } from '../../../core/workspace/summary.ts';

/** What the user is asked before the window closes; the answers of native dialogs. */
export interface LeaveQuestions {
  unsaved(names: readonly string[]): Promise<'save' | 'keep' | 'cancel'>;
  running(tasks: readonly Task[]): Promise<'stop' | 'cancel'>;
  /** The file on disk is no longer the one that was opened. */
  overwrite(name: string): Promise<'overwrite' | 'elsewhere' | 'cancel'>;
  /** An absolute path; null where the user cancelled. */
  target(suggestedName: string): Promise<string | null>;
  failed(name: string, reason: string): Promise<void>;
}

export interface LeaveGuardOptions {
  readonly workspace: Pick<Workspace, 'documents' | 'tasks'>;
  readonly questions: LeaveQuestions;
}

/** Asks before unsaved edits or running tasks are left behind. Edits that are not saved stay in their journals. */
export class LeaveGuard {
  readonly #workspace: LeaveGuardOptions['workspace'];
  readonly #questions: LeaveQuestions;
  #asking: Promise<boolean> | null = null;

  constructor({ workspace, questions }: LeaveGuardOptions) {
    this.#workspace = workspace;
    this.#questions = questions;
  }

  /** Whether there is anything to ask. */
  get idle(): boolean {
    return this.#unsaved().length === 0 && this.#running().length === 0;
  }

  /** True where the window may close. Asked again meanwhile, it gives the answer to come. */
  mayLeave(): Promise<boolean> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(): Promise<boolean> {
    const unsaved = this.#unsaved();
    if (unsaved.length > 0) {
      const answer = await this.#questions.unsaved(unsaved.map((document) => document.summary().name));
      if (answer === 'cancel') return false;
      if (answer === 'save') {
        for (const document of unsaved) if (!(await this.#save(document))) return false;
      }
    }
    const running = this.#running();
    return running.length === 0 || (await this.#questions.running(running)) === 'stop';
  }

  #unsaved(): readonly Document[] {
    return this.#workspace.documents().filter((document) => document.summary().dirty);
  }

  #running(): readonly Task[] {
    return this.#workspace.tasks().filter((task) => task.state === 'running');
  }

  /** False where the user cancelled or the file could not be written: then nobody leaves. */
  async #save(document: Document): Promise<boolean> {
    const { name, savable, disk } = document.summary();
    try {
      if (!savable) return await this.#saveElsewhere(document);
      if (disk === 'changed') return await this.#saveOverOthers(document);
      await document.save();
      return true;
    } catch (error) {
      if (!(error instanceof ParascopeError)) throw error;
      if (error.code === 'FILE_CHANGED' && disk === 'same' && document.summary().disk === 'changed') {
        return await this.#save(document);
      }
      await this.#questions.failed(name, error.message);
      return false;
    }
  }

  async #saveOverOthers(document: Document): Promise<boolean> {
    const answer = await this.#questions.overwrite(document.summary().name);
    switch (answer) {
      case 'overwrite':
        await document.save({ overwriteChanged: true });
        return true;
      case 'elsewhere':
        return await this.#saveElsewhere(document);
      case 'cancel':
        return false;
      default:
        return answer satisfies never;
    }
  }

  async #saveElsewhere(document: Document): Promise<boolean> {
    const path = await this.#questions.target(document.summary().saveAsName);
    if (path === null) return false;
    await document.saveAs(path);
    return true;
  }
}
