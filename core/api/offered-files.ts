import type { Workspace } from '../workspace/contract.ts';
import type { OfferedFile, ResolvedFile } from './file-access.ts';
import type { RecentFiles } from './recent-files.ts';
import { regularFile } from './regular-file.ts';

export interface OfferedFilesOptions {
  readonly recent: RecentFiles;
  readonly workspace: Pick<Workspace, 'recoverable'>;
  /** What a page may know of the file; null where this host may not show it. */
  readonly present: (file: ResolvedFile) => Promise<Omit<OfferedFile, 'unsavedEdits'> | null>;
}

/** Files with unsaved edits first, then the recent ones; files that are gone are left out. */
export async function offeredFiles({ recent, workspace, present }: OfferedFilesOptions): Promise<OfferedFile[]> {
  const edits = new Map((await workspace.recoverable()).map(({ path, edits }) => [path, edits]));
  const paths = new Set([...edits.keys(), ...(await recent.list()).map((file) => file.path)]);
  const offered = await Promise.all(
    [...paths].map(async (path) => {
      const file = await regularFile(path).catch(() => null);
      const shown = file && (await present(file));
      return shown && { ...shown, unsavedEdits: edits.get(path) ?? 0 };
    }),
  );
  return offered.filter((file) => file !== null);
}
