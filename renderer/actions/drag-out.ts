import type { DragOutRequest } from '../contract.ts';
import { useMovingTensors } from '../store/moving-tensors.ts';
import { reporting } from './report.ts';

/**
 * Takes tensors on the mouse: to another open document, or out of the window. On the desktop they travel
 * as a file that the host makes, unless the button is let go before the file is there.
 */
export async function dragOut(request: DragOutRequest): Promise<void> {
  if (request.tensors.length === 0) return;
  useMovingTensors.getState().drag({ document: request.document, ids: request.tensors });
  // The drag swallows the events of the mouse; the first that comes without a button is after it.
  window.addEventListener('pointermove', endOnRelease);
  window.addEventListener('dragend', endDrag);
  const bridge = window.parascope;
  if (!bridge) return;
  const released = new AbortController();
  const giveUp = (): void => bridge.giveUpDragOut();
  window.addEventListener('pointerup', giveUp, { once: true, signal: released.signal });
  // Once outside, what comes back may be another file; the host knows its own.
  window.addEventListener('dragleave', endOutside);
  await reporting(() => bridge.dragOut(request));
  released.abort();
}

export function endDrag(): void {
  window.removeEventListener('pointermove', endOnRelease);
  window.removeEventListener('dragend', endDrag);
  window.removeEventListener('dragleave', endOutside);
  useMovingTensors.getState().drag(null);
}

function endOnRelease({ buttons }: PointerEvent): void {
  if (buttons === 0) endDrag();
}

function endOutside({ relatedTarget }: DragEvent): void {
  if (relatedTarget === null) endDrag();
}
