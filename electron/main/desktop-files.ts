import { homedir } from 'node:os';
import { basename, dirname, sep } from 'node:path';
import type { FileAccess, FileRef } from '../../core/api/file-access.ts';
import type { Grants } from '../../core/api/grants.ts';
import { offeredFiles } from '../../core/api/offered-files.ts';
import type { RecentFiles } from '../../core/api/recent-files.ts';
import { regularFile, writableTarget } from '../../core/api/regular-file.ts';
import { FileAccessError } from '../../core/errors.ts';
import type { Workspace } from '../../core/workspace/contract.ts';

/** The native dialogs; both answer absolute paths, or null where the user cancelled. */
export interface Dialogs {
  chooseFiles(): Promise<readonly string[] | null>;
  chooseTarget(suggestedName: string): Promise<string | null>;
}

export interface DesktopFilesOptions {
  readonly grants: Grants;
  readonly recent: RecentFiles;
  readonly workspace: Pick<Workspace, 'recoverable'>;
  readonly dialogs: Dialogs;
  readonly samplePath: string;
  /** Told of each file that joins the recent ones. */
  readonly onRemembered?: (path: string) => void;
}

/** Files reach the window through a dialog, a drop, the command line or the list of recent files. */
export interface DesktopFiles extends FileAccess {
  /** The user named this file outside the page. Throws `FileAccessError` where it cannot be opened. */
  grantExisting(path: string): Promise<FileRef>;
}

export function createDesktopFiles(options: DesktopFilesOptions): DesktopFiles {
  const { grants, recent, workspace, dialogs, samplePath, onRemembered } = options;

  const find = (ref: FileRef) => {
    if (ref.kind === 'grant') return grants.find(ref.id);
    throw new FileAccessError('The desktop serves no folders. Choose the file in a dialog.');
  };
  const grantExisting = async (path: string): Promise<FileRef> =>
    grants.grant({ ...(await regularFile(path)), lasting: true });

  return {
    grantExisting,
    async resolveForReading(ref) {
      const granted = find(ref);
      // Looked at anew: the file may have become a folder or read-only since it was granted.
      const now = await regularFile(granted.path);
      return { ...now, name: granted.name, savable: now.savable && granted.savable };
    },
    async resolveForWriting(ref) {
      const granted = find(ref);
      if (!granted.savable)
        throw new FileAccessError(`${granted.name} cannot be saved over. Choose a place to save it.`);
      return writableTarget(granted.path);
    },
    roots: () => [],
    list: async () => {
      throw new FileAccessError('The desktop serves no folders. Choose the file in a dialog.');
    },
    async offered() {
      const sample = grants.grant({ ...(await regularFile(samplePath)), savable: false, lasting: false });
      const offered = await offeredFiles({
        recent,
        workspace,
        present: async ({ path, name }) => ({ ref: await grantExisting(path), name, where: abbreviated(path) }),
      });
      return { sample, recent: offered };
    },
    async remember(ref) {
      const { path, lasting } = find(ref);
      if (!lasting) return;
      await recent.add(path);
      onRemembered?.(path);
    },
    async pickForOpening() {
      const paths = await dialogs.chooseFiles();
      return paths && Promise.all(paths.map(grantExisting));
    },
    async pickForSaving(suggestedName) {
      const path = await dialogs.chooseTarget(basename(suggestedName));
      return path === null ? null : grants.grant({ ...(await writableTarget(path)), lasting: true });
    },
    createDownload: async () => {
      throw new FileAccessError('The desktop has no downloads. Use Save as.');
    },
  };
}

/** The folder of a file, with the home folder as `~`. */
export function abbreviated(path: string): string {
  const folder = dirname(path);
  const home = homedir();
  return folder === home || folder.startsWith(`${home}${sep}`) ? `~${folder.slice(home.length)}` : folder;
}
