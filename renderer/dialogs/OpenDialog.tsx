import { type ChangeEvent, useRef, useState } from 'react';
import { openFile, openLocalFiles } from '../actions/open.ts';
import { failureOf } from '../api/errors.ts';
import type { DirectoryEntry, Root } from '../contract.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { Problem } from '../ui/Problem.tsx';
import { FileBrowser, joinPath, useFolder } from './FileBrowser.tsx';

interface OpenDialogProps {
  readonly roots: readonly Root[];
  readonly onClose: () => void;
}

/** Opens a file that lies on the server, or sends one from this computer. */
export function OpenDialog({ roots, onClose }: OpenDialogProps) {
  const [folder, setFolder] = useFolder(roots);
  const [problem, setProblem] = useState<string | null>(null);
  const [opening, setOpening] = useState<string | null>(null);
  const picker = useRef<HTMLInputElement>(null);

  const open = async (entry: DirectoryEntry): Promise<void> => {
    if (!folder) return;
    setProblem(null);
    setOpening(entry.name);
    try {
      await openFile({ kind: 'root', root: folder.root, path: joinPath(folder.path, entry.name) });
      onClose();
    } catch (error) {
      setProblem(failureOf(error).message);
      setOpening(null);
    }
  };
  const upload = (event: ChangeEvent<HTMLInputElement>): void => {
    const files = [...(event.target.files ?? [])];
    onClose();
    void openLocalFiles(files);
  };

  return (
    <Dialog title="Open a checkpoint" onClose={onClose} wide>
      <div className="dialog-body">
        {folder ? (
          <FileBrowser roots={roots} folder={folder} onFolder={setFolder} onFile={(entry) => void open(entry)} />
        ) : (
          <p className="muted">
            This server shows no folders. Start it with <code>--root DIR</code>, or choose a file of this computer.
          </p>
        )}
      </div>
      {opening !== null && <output className="muted">Opening {opening}…</output>}
      <Problem message={problem} />
      <div className="dialog-buttons">
        <input ref={picker} type="file" multiple hidden onChange={upload} />
        <button type="button" onClick={() => picker.current?.click()}>
          Upload from this computer…
        </button>
        <span className="spacer" />
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}
