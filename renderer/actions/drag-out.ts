import type { DragOutRequest } from '../contract.ts';
import { reporting } from './report.ts';

let isDragging = false;

/** True while files that hover over the window are those that were dragged out of it. */
export function isDraggingOut(): boolean {
  return isDragging;
}

/** Makes a file of the tensors and hangs it on the mouse, unless the button is let go before the file is there. */
export async function dragOut(request: DragOutRequest): Promise<void> {
  const bridge = window.parascope;
  if (!bridge || request.tensors.length === 0) return;
  const released = new AbortController();
  const giveUp = (): void => bridge.giveUpDragOut();
  window.addEventListener('pointerup', giveUp, { once: true, signal: released.signal });
  isDragging = true;
  // The platform's drag swallows the events of the mouse; the first that comes without a button is after it.
  window.addEventListener('pointermove', endOnRelease);
  // Once outside, what comes back may be another file; the host knows its own.
  window.addEventListener('dragleave', endOutside);
  await reporting(() => bridge.dragOut(request));
  released.abort();
}

function endOnRelease({ buttons }: PointerEvent): void {
  if (buttons === 0) end();
}

function endOutside({ relatedTarget }: DragEvent): void {
  if (relatedTarget === null) end();
}

function end(): void {
  window.removeEventListener('pointermove', endOnRelease);
  window.removeEventListener('dragleave', endOutside);
  isDragging = false;
}
