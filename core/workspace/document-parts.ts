import type { DeviceRuntime } from '../device/runtime.ts';
import type { TensorEngine } from '../stats/engine.ts';
import type { Workspace } from './contract.ts';
import type { DiskWatch } from './disk-watch.ts';
import type { EditJournal } from './edit-journal.ts';
import type { EditSession } from './edit-session.ts';
import type { StoredLookup } from './edit-sources.ts';
import type { OpenFiles } from './open-files.ts';
import type { CommitLog } from './save/commit-record.ts';
import type { Scanner } from './scan/scanner.ts';
import type { WorkspaceEvent } from './summary.ts';

/** What a document is made of; a save replaces some of it. */
export interface DocumentParts {
  readonly id: string;
  /** Absolute path of what was opened. */
  path: string;
  name: string;
  /** False where the place it was opened from is not to be written to; its format may forbid it too. */
  savable: boolean;
  /** Whether an edit that the file's format cannot hold is refused. */
  readonly objects: boolean;
  files: OpenFiles;
  warnings: readonly string[];
  readonly session: EditSession;
  readonly journal: EditJournal;
  readonly watch: DiskWatch;
}

/** What the workspace gives its documents. */
export interface DocumentHost {
  readonly engine: TensorEngine;
  readonly scanner: Scanner;
  readonly runtime: DeviceRuntime;
  readonly commits: CommitLog;
  readonly runTask: Workspace['runTask'];
  readonly emit: (event: WorkspaceEvent) => void;
  /** The file behind an open document, and the name that a tensor of it has there. */
  readonly stored: StoredLookup;
  /** Names of the other open documents that have values from these files: a replaced file cannot be read any more. */
  readonly standingOn: (document: string, files: OpenFiles['files']) => readonly string[];
  /** Files on disk were replaced: other documents may stand on them. */
  readonly filesReplaced: () => Promise<void>;
}
