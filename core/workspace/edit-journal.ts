import { FileAccessError } from '../errors.ts';
import type { Edit } from './edits.ts';
import type { JournalFile, JournalRecord } from './journal/format.ts';
import type { Journal, JournalSubject } from './journal/journal.ts';
import { type JournalStore, type PendingJournal, unsavedEdits } from './journal/store.ts';
import type { Recovery } from './summary.ts';

/**
 * A document's side of the journals: where its edits are written to, and what an earlier run left.
 * Without a store nothing is written, and there is nothing to recover.
 */
export class EditJournal {
  readonly #store: JournalStore | null;
  #journal: Journal | null;
  #pending: PendingJournal | null;

  private constructor(store: JournalStore | null, journal: Journal | null, pending: PendingJournal | null) {
    this.#store = store;
    this.#journal = journal;
    this.#pending = pending;
  }

  static async open(
    store: JournalStore | null,
    subject: JournalSubject,
  ): Promise<{ readonly journal: EditJournal; readonly warnings: readonly string[] }> {
    if (!store) return { journal: new EditJournal(null, null, null), warnings: [] };
    try {
      const { journal, pending, warnings } = await store.open(subject);
      return { journal: new EditJournal(store, journal, pending), warnings };
    } catch (error) {
      return { journal: new EditJournal(store, null, null), warnings: [cannotJournal(error)] };
    }
  }

  get recovery(): Recovery | null {
    if (!this.#pending) return null;
    const { content, savedAt, fileUnchanged } = this.#pending;
    return { edits: content.done, savedAt, fileUnchanged };
  }

  get recoverableEdits(): readonly Edit[] {
    return this.#pending ? unsavedEdits(this.#pending.content) : [];
  }

  edit(edit: Edit): Promise<void> {
    return this.#append({ edit });
  }

  undo(): Promise<void> {
    return this.#append({ undo: true });
  }

  redo(): Promise<void> {
    return this.#append({ redo: true });
  }

  /** The files are about to be replaced and will then be in this state. */
  saving(files: readonly JournalFile[]): Promise<void> {
    return this.#append({ saving: [...files] });
  }

  async #append(record: JournalRecord): Promise<void> {
    try {
      await this.#journal?.append(record);
    } catch (error) {
      throw new FileAccessError(`Nothing was changed, for the journal cannot be written: ${reasonOf(error)}.`);
    }
  }

  /** The recovered edits are done again: the journal that holds them goes on as this document's own. */
  async adoptPending(): Promise<void> {
    if (!this.#pending) return;
    const { journal, content } = this.#pending;
    await journal.continueAfter(content);
    await this.#journal?.release();
    this.#journal = journal;
    this.#pending = null;
  }

  async discardPending(): Promise<void> {
    const pending = this.#pending;
    this.#pending = null;
    await pending?.journal.remove();
    await pending?.journal.release();
  }

  /**
   * Nothing is unsaved any more, of files that are now in the state of `subject`. Returns a sentence for
   * the user where edits cannot be journaled from here on.
   */
  async startAnew(subject: JournalSubject): Promise<string | null> {
    // What an earlier run left unsaved was made for the file as it was before.
    if (this.#pending) this.#pending = { ...this.#pending, fileUnchanged: false };
    if (this.#journal?.path === subject.path) {
      await this.#journal.restart(subject);
      return null;
    }
    await this.#journal?.remove();
    await this.#journal?.release();
    this.#journal = null;
    try {
      this.#journal = (await this.#store?.openFresh(subject)) ?? null;
      return null;
    } catch (error) {
      return cannotJournal(error);
    }
  }

  async close({ keep }: { readonly keep: boolean }): Promise<void> {
    if (!keep) await this.#journal?.remove();
    await this.#journal?.release();
    await this.#pending?.journal.release();
    this.#journal = null;
    this.#pending = null;
  }
}

function cannotJournal(error: unknown): string {
  return `Edits cannot be journaled and would be lost in a crash: ${reasonOf(error)}.`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
