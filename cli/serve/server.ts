import type { FileAccess } from '../../core/api/file-access.ts';
import { Grants } from '../../core/api/grants.ts';
import { loadPages } from '../../core/api/pages.ts';
import { RecentFiles } from '../../core/api/recent-files.ts';
import { regularFile } from '../../core/api/regular-file.ts';
import type { Workspace } from '../../core/workspace/contract.ts';
import { Downloads } from './downloads.ts';
import { listen, type RunningServer } from './listener.ts';
import { Roots } from './roots.ts';
import { createScratch } from './scratch.ts';
import { createServerFiles } from './server-files.ts';
import { Uploads } from './uploads.ts';

export interface ServerOptions {
  readonly workspace: Workspace;
  readonly version: string;
  /** Address to listen on; anything but loopback prints a warning. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** Folders whose files pages may open and save. */
  readonly roots: readonly string[];
  /** Opened before the server listens; the first that cannot be opened fails the start. */
  readonly openFiles: readonly string[];
  readonly stateDirectory: string;
  readonly samplePath: string;
  readonly pagesDirectory: string;
}

/** Serves the window's pages and the API to browsers. The caller owns `workspace` and closes it afterwards. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { workspace, version, host = '127.0.0.1', port = 0 } = options;
  const pages = await loadPages(options.pagesDirectory);
  const roots = await Roots.of(options.roots);
  const recent = new RecentFiles(options.stateDirectory);
  const scratch = await createScratch();
  const grants = new Grants();
  const uploads = new Uploads({
    scratch,
    grants,
    isOpen: (path) => workspace.documents().some((open) => open.path === path),
  });
  const downloads = new Downloads(scratch);
  const release = async (): Promise<void> => {
    uploads.close();
    downloads.close();
    await scratch.remove();
  };
  try {
    const { samplePath } = options;
    const files = createServerFiles({ roots, grants, recent, downloads, workspace, samplePath });
    for (const path of options.openFiles) await openNamedFile(path, { workspace, grants, files });
    const services = { workspace, pages, uploads, downloads, log };
    const listening = await listen({ host, port }, services, { workspace, files, version });
    return {
      url: listening.url,
      close: async () => {
        await listening.close();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** A file on the command line is its own permission, inside the roots or not. */
async function openNamedFile(
  path: string,
  { workspace, grants, files }: { workspace: Workspace; grants: Grants; files: FileAccess },
): Promise<void> {
  const file = await regularFile(path);
  const ref = grants.grant({ ...file, lasting: true });
  await workspace.open(file.path, { name: file.name, savable: file.savable });
  await files.remember(ref);
}

function log(error: unknown): void {
  console.error(error);
}
