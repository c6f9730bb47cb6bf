import { Fragment, useState } from 'react';
import { client } from '../api/client.ts';
import type { DirectoryEntry, Root } from '../contract.ts';
import { formatBytes } from '../format/numbers.ts';
import { Icon } from '../ui/Icon.tsx';
import { useRequest } from '../ui/use-request.ts';
import './file-browser.css';
import { Problem } from '../ui/Problem.tsx';

export interface Folder {
  readonly root: string;
  /** Relative to the root, with forward slashes; empty for the root itself. */
  readonly path: string;
}

interface FileBrowserProps {
  readonly roots: readonly Root[];
  readonly folder: Folder;
  readonly onFolder: (folder: Folder) => void;
  readonly onFile: (entry: DirectoryEntry) => void;
}

/** The folders that the server was told to show: a breadcrumb and a list, all of them buttons. */
export function FileBrowser({ roots, folder, onFolder, onFile }: FileBrowserProps) {
  const key = `${folder.root}:${folder.path}`;
  const listing = useRequest({ subject: key, key, run: (signal) => client.files.list.query(folder, { signal }) });
  return (
    <div className="file-browser">
      <Breadcrumb roots={roots} folder={folder} onFolder={onFolder} />
      <Problem message={listing.failure?.message} />
      <ul className="file-list" aria-label="Files and folders" aria-busy={listing.pending}>
        {listing.data?.entries.map((entry) => (
          <li key={entry.name}>
            <EntryButton
              entry={entry}
              onChoose={() =>
                entry.kind === 'folder'
                  ? onFolder({ ...folder, path: joinPath(folder.path, entry.name) })
                  : onFile(entry)
              }
            />
          </li>
        ))}
        {listing.data?.complete === false && (
          <li className="muted file-none">More files are here than can be listed.</li>
        )}
        {listing.data?.entries.length === 0 && <li className="muted file-none">This folder is empty.</li>}
      </ul>
    </div>
  );
}

function EntryButton({ entry, onChoose }: { readonly entry: DirectoryEntry; readonly onChoose: () => void }) {
  return (
    <button
      type="button"
      className="list-button file-entry"
      disabled={entry.kind === 'file' && !entry.openable}
      onClick={onChoose}
    >
      <Icon name={entry.kind} />
      <span className="file-name">{entry.name}</span>
      {entry.kind === 'file' && <span className="muted number">{formatBytes(entry.size)}</span>}
    </button>
  );
}

interface BreadcrumbProps {
  readonly roots: readonly Root[];
  readonly folder: Folder;
  readonly onFolder: (folder: Folder) => void;
}

function Breadcrumb({ roots, folder, onFolder }: BreadcrumbProps) {
  const parts = folder.path === '' ? [] : folder.path.split('/');
  return (
    <div className="breadcrumb">
      {roots.length > 1 ? (
        <select
          aria-label="Folder served"
          value={folder.root}
          onChange={(event) => onFolder({ root: event.target.value, path: '' })}
        >
          {roots.map((root) => (
            <option key={root.id} value={root.id}>
              {root.name}
            </option>
          ))}
        </select>
      ) : (
        <button type="button" className="quiet" onClick={() => onFolder({ ...folder, path: '' })}>
          {roots[0]?.name ?? ''}
        </button>
      )}
      {parts.map((part, i) => {
        const path = parts.slice(0, i + 1).join('/');
        return (
          <Fragment key={path}>
            <span aria-hidden="true">/</span>
            <button type="button" className="quiet" onClick={() => onFolder({ ...folder, path })}>
              {part}
            </button>
          </Fragment>
        );
      })}
    </div>
  );
}

export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

export function useFolder(roots: readonly Root[]): [Folder | null, (folder: Folder) => void] {
  const [chosen, choose] = useState<Folder | null>(null);
  const first = roots[0];
  return [chosen ?? (first ? { root: first.id, path: '' } : null), choose];
}
