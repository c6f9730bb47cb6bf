import { Grants } from '../../../core/api/grants.ts';
import { RecentFiles } from '../../../core/api/recent-files.ts';
import { createDesktopFiles, type DesktopFiles, type Dialogs } from '../../../electron/main/desktop-files.ts';
import type { FakeWorkspace } from './fake-workspace.ts';

export interface DesktopFilesSetup {
  readonly workspace: FakeWorkspace;
  readonly folder: string;
  readonly samplePath: string;
  readonly dialogs?: Partial<Dialogs>;
}

export function desktopFiles({ workspace, folder, samplePath, dialogs }: DesktopFilesSetup): DesktopFiles {
  return createDesktopFiles({
    grants: new Grants(),
    recent: new RecentFiles(folder),
    workspace,
    dialogs: { chooseFiles: async () => null, chooseTarget: async () => null, ...dialogs },
    samplePath,
  });
}
