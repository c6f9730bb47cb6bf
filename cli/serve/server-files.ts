import type { FileAccess, FileRef, OfferedFile, ResolvedFile } from '../../core/api/file-access.ts';
import type { Grants } from '../../core/api/grants.ts';
import { offeredFiles } from '../../core/api/offered-files.ts';
import type { RecentFiles } from '../../core/api/recent-files.ts';
import { regularFile } from '../../core/api/regular-file.ts';
import { FileAccessError } from '../../core/errors.ts';
import type { Workspace } from '../../core/workspace/contract.ts';
import type { Downloads } from './downloads.ts';
import type { Roots } from './roots.ts';

export interface ServerFilesOptions {
  readonly roots: Roots;
  readonly grants: Grants;
  readonly recent: RecentFiles;
  readonly downloads: Downloads;
  readonly workspace: Pick<Workspace, 'recoverable'>;
  readonly samplePath: string;
}

/** What pages in a browser may do with files: those under the roots, and single files granted to them. */
export function createServerFiles(options: ServerFilesOptions): FileAccess {
  const { roots, grants, recent, downloads, workspace, samplePath } = options;

  const resolveForReading = async (ref: FileRef): Promise<ResolvedFile> =>
    ref.kind === 'root' ? roots.resolveForReading(ref.root, ref.path) : grants.find(ref.id);

  return {
    resolveForReading,
    async resolveForWriting(ref) {
      if (ref.kind === 'root') return roots.resolveForWriting(ref.root, ref.path);
      const file = grants.find(ref.id);
      if (!file.savable) throw new FileAccessError(`${file.name} cannot be saved over. Choose a place to save it.`);
      return file;
    },
    roots: () => roots.all(),
    list: (root, path) => roots.list(root, path),
    async offered() {
      const sample = { ...(await regularFile(samplePath)), savable: false, lasting: false };
      const present = async (file: ResolvedFile) => presentable(file, { roots, grants });
      return { sample: grants.grant(sample), recent: await offeredFiles({ recent, workspace, present }) };
    },
    async remember(ref) {
      if (ref.kind === 'grant' && !grants.find(ref.id).lasting) return;
      await recent.add((await resolveForReading(ref)).path);
    },
    pickForOpening: async () => noDialogs(),
    pickForSaving: async () => noDialogs(),
    createDownload: (name) => downloads.create(name),
  };
}

/** A recent file of another run is shown only where this run may open it. */
function presentable(
  { path, name }: ResolvedFile,
  { roots, grants }: Pick<ServerFilesOptions, 'roots' | 'grants'>,
): Omit<OfferedFile, 'unsavedEdits'> | null {
  const granted = grants.refOf(path);
  if (granted) return { ref: granted, name, where: 'named on the command line' };
  const place = roots.locate(path);
  if (!place) return null;
  const folders = place.path.split('/').slice(0, -1);
  return {
    ref: { kind: 'root', root: place.root.id, path: place.path },
    name,
    where: [place.root.name, ...folders].join('/'),
  };
}

function noDialogs(): never {
  throw new FileAccessError('A browser has no file dialogs of this server. Choose the file in a served folder.');
}
