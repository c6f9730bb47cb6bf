/** Inputs that hold no text have no undo of their own. */
const WITHOUT_TEXT: ReadonlySet<string> = new Set(['radio', 'checkbox', 'range', 'button', 'submit', 'file', 'color']);

/** Whether typing into the element makes text, which it then undoes by itself. */
export function isTextBox(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && !WITHOUT_TEXT.has(target.type))
  );
}
