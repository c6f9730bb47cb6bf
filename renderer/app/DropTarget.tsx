import { useEffect, useState } from 'react';
import { endDrag } from '../actions/drag-out.ts';
import { askToCopy } from '../actions/move-tensors.ts';
import { openLocalFiles, openOnto } from '../actions/open.ts';
import { plural } from '../format/numbers.ts';
import { useDocuments } from '../store/documents.ts';
import { useMovingTensors } from '../store/moving-tensors.ts';
import { type DropPlace, documentUnder, dropPlace } from './drop-place.ts';
import { TabOpener } from './tab-opener.ts';

/** The whole window takes files, its documents tensors of other documents, and it says so while they hover over it. */
export function DropTarget() {
  const [place, setPlace] = useState<DropPlace | null>(null);
  useEffect(() => listenToDrags(setPlace), []);
  if (!place) return null;
  return (
    <div className="drop-overlay" aria-hidden="true">
      <p>{describe(place)}</p>
    </div>
  );
}

function listenToDrags(onPlace: (place: DropPlace | null) => void): () => void {
  const tabs = new TabOpener();
  let depth = 0;
  const leave = (): void => {
    depth = 0;
    tabs.leave();
    onPlace(null);
  };
  const onEnter = (event: DragEvent): void => {
    depth++;
    onPlace(placeOf(event));
  };
  const onLeave = (): void => {
    depth = Math.max(0, depth - 1);
    if (depth === 0) leave();
  };
  const onOver = (event: DragEvent): void => {
    const place = placeOf(event);
    tabs.hover(event.target);
    onPlace(place);
    if (!place) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
  };
  const onDrop = (event: DragEvent): void => {
    const place = placeOf(event);
    leave();
    if (!place) return;
    event.preventDefault();
    drop(place, [...(event.dataTransfer?.files ?? [])]);
  };
  const leaving = new AbortController();
  const { signal } = leaving;
  window.addEventListener('dragenter', onEnter, { signal });
  window.addEventListener('dragleave', onLeave, { signal });
  window.addEventListener('dragover', onOver, { signal });
  window.addEventListener('drop', onDrop, { signal });
  window.addEventListener('dragend', leave, { signal });
  return () => {
    leaving.abort();
    tabs.leave();
  };
}

function placeOf({ target, dataTransfer }: DragEvent): DropPlace | null {
  return dropPlace({
    types: dataTransfer?.types ?? [],
    over: documentUnder(target),
    dragged: useMovingTensors.getState().dragged,
    desktop: window.parascope !== undefined,
  });
}

function drop(place: DropPlace, files: readonly File[]): void {
  switch (place.kind) {
    case 'open':
      void openLocalFiles(files);
      return;
    case 'onto-document':
      void openOnto(place.document, files);
      return;
    case 'tensors': {
      const { dragged } = useMovingTensors.getState();
      endDrag();
      if (dragged) askToCopy(dragged, place.document);
    }
  }
}

function describe(place: DropPlace): string {
  if (place.kind === 'open') return 'Drop to open';
  const name = useDocuments.getState().byId[place.document]?.name ?? 'this document';
  if (place.kind === 'onto-document') return `Drop to open, or to compare with or merge into ${name}`;
  const count = useMovingTensors.getState().dragged?.ids.length ?? 0;
  return `Drop to copy ${plural(count, 'tensor')} into ${name}`;
}
