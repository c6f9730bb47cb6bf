import { ParascopeError } from '../../core/errors.ts';
import type { Workspace } from '../../core/workspace/contract.ts';
import type { DesktopFiles } from './desktop-files.ts';

export interface OpenFilesServices {
  readonly workspace: Pick<Workspace, 'open'>;
  readonly files: DesktopFiles;
  /** Brings the document to the front of the page. */
  readonly show: (document: string) => void;
  /** Shows the reason to the user. */
  readonly report: (message: string) => void;
}

/** Opens what was named outside the page; a file that cannot be opened keeps none of the others from opening. */
export async function openFiles(paths: readonly string[], services: OpenFilesServices): Promise<void> {
  const { workspace, files, show, report } = services;
  for (const path of paths) {
    try {
      const ref = await files.grantExisting(path);
      const file = await files.resolveForReading(ref);
      const document = await workspace.open(file.path, { name: file.name, savable: file.savable });
      show(document.id);
      await files.remember(ref);
    } catch (error) {
      if (!(error instanceof ParascopeError)) throw error;
      report(error.message);
    }
  }
}
