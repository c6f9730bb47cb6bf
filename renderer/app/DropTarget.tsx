import { useEffect, useState } from 'react';
import { isDraggingOut } from '../actions/drag-out.ts';
import { openLocalFiles } from '../actions/open.ts';

/** The whole window takes files, and says so while they hover over it. */
export function DropTarget() {
  const [hovering, setHovering] = useState(false);
  useEffect(() => {
    let depth = 0;
    const onEnter = (event: DragEvent): void => {
      if (!carriesFiles(event)) return;
      depth++;
      setHovering(true);
    };
    const onLeave = (event: DragEvent): void => {
      if (!carriesFiles(event)) return;
      depth = Math.max(0, depth - 1);
      setHovering(depth > 0);
    };
    const onOver = (event: DragEvent): void => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
    };
    const onDrop = (event: DragEvent): void => {
      depth = 0;
      setHovering(false);
      if (!carriesFiles(event)) return;
      event.preventDefault();
      void openLocalFiles([...(event.dataTransfer?.files ?? [])]);
    };
    const leaving = new AbortController();
    const { signal } = leaving;
    window.addEventListener('dragenter', onEnter, { signal });
    window.addEventListener('dragleave', onLeave, { signal });
    window.addEventListener('dragover', onOver, { signal });
    window.addEventListener('drop', onDrop, { signal });
    return () => leaving.abort();
  }, []);
  if (!hovering) return null;
  return (
    <div className="drop-overlay" aria-hidden="true">
      <p>Drop to open</p>
    </div>
  );
}

function carriesFiles(event: DragEvent): boolean {
  return !isDraggingOut() && (event.dataTransfer?.types.includes('Files') ?? false);
}
