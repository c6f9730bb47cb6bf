import { useDocuments } from '../store/documents.ts';
import { documentUnder } from './drop-place.ts';

/** So long the mouse stays over a tab before its document is shown, so that a drop can go on there. */
const OPEN_AFTER_MS = 700;

/** Shows a document whose tab is hovered over for a while during a drag. */
export class TabOpener {
  #over: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  hover(target: EventTarget | null): void {
    const over = target instanceof Element && target.closest('.document-tab') ? documentUnder(target) : null;
    if (over === this.#over) return;
    this.leave();
    this.#over = over;
    if (over === null) return;
    this.#timer = setTimeout(() => useDocuments.getState().activate(over), OPEN_AFTER_MS);
  }

  leave(): void {
    clearTimeout(this.#timer);
    this.#over = null;
  }
}
