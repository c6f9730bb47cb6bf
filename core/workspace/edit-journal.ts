import type { Edit } from './edits.ts';
import type { JournalFile } from './journal/format.ts';
import type { Journal } from './journal/journal.ts';
import { type JournalStore, type JournalSubject, type PendingJournal, unsavedEdits } from './journal/store.ts';
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
    const { journal, pending, warnings } = await store.open(subject);
    return { journal: new EditJournal(store, journal, pending), warnings };
  }

  get recovery(): Recovery | null {
    if (!this.#pending) return null;
    const { content, savedAt, fileUnchanged } = this.#pending;
    return { edits: content.done, savedAt, fileUnchanged };
  }

  get recoverableEdits(): readonly Edit[] {
    return this.#pending ? unsavedEdits(this.#pending.content) : [];
  }

  async edit(edit: Edit): Promise<void> {
    await this.#journal?.append({ edit });
  }

  async undo(): Promise<void> {
    await this.#journal?.append({ undo: true });
  }

  async redo(): Promise<void> {
    await this.#journal?.append({ redo: true });
  }

  /** The files are about to be replaced and will then be in this state. */
  async saving(files: readonly JournalFile[]): Promise<void> {
    await this.#journal?.append({ saving: [...files] });
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

  /** Nothing is unsaved any more, of files that are now in the state of `subject`. */
  async startAnew(subject: JournalSubject): Promise<void> {
    await this.#journal?.remove();
    await this.#journal?.release();
    this.#journal = null;
    // What an earlier run left unsaved was made for the file as it was before.
    if (this.#pending) this.#pending = { ...this.#pending, fileUnchanged: false };
    this.#journal = (await this.#store?.openFresh(subject)) ?? null;
  }

  async close({ keep }: { readonly keep: boolean }): Promise<void> {
    if (!keep) await this.#journal?.remove();
    await this.#journal?.release();
    await this.#pending?.journal.release();
    this.#journal = null;
    this.#pending = null;
  }
}
