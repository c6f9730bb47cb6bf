import { z } from 'zod';

/**
 * How a page names a file: never by an absolute path. A grant is an opaque number that the host gave
 * out for one file (a dialog, a drop, an upload, a recent file, the sample); a root is a folder that
 * `serve` was told to show, and `path` is relative to it with forward slashes.
 */
export const fileRefSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('grant'), id: z.string().min(1).max(64) }),
  z.strictObject({ kind: z.literal('root'), root: z.string().min(1).max(64), path: z.string().max(4096) }),
]);

export type FileRef = z.infer<typeof fileRefSchema>;

export interface Root {
  readonly id: string;
  readonly name: string;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly modifiedAt: number;
  /** False for files that no reader claims by their name. */
  readonly openable: boolean;
}

export interface DirectoryListing {
  /** Sorted by name, folders first; hidden ones are left out. */
  readonly entries: readonly DirectoryEntry[];
  /** False where the folder holds more than a listing may. */
  readonly complete: boolean;
}

/** A file that the welcome page offers. */
export interface OfferedFile {
  readonly ref: FileRef;
  readonly name: string;
  /** The folder, as it may be shown: relative to a root or abbreviated. */
  readonly where: string;
  /** Edits that an earlier run left unsaved; 0 for an ordinary recent file. */
  readonly unsavedEdits: number;
}

export interface ResolvedFile {
  /** Absolute. The links of its folder are resolved; where the file itself is a link, its target was checked too. */
  readonly path: string;
  readonly name: string;
  readonly savable: boolean;
}

/** What a host (desktop window or `serve`) lets its pages do with files. All methods throw `FileAccessError` with a reason. */
export interface FileAccess {
  resolveForReading(ref: FileRef): Promise<ResolvedFile>;
  /** The parent folder must exist; the file itself need not. */
  resolveForWriting(ref: FileRef): Promise<ResolvedFile>;
  roots(): readonly Root[];
  list(root: string, path: string): Promise<DirectoryListing>;
  /** The bundled sample, recent files, and files with unsaved edits. */
  offered(): Promise<{ readonly sample: FileRef; readonly recent: readonly OfferedFile[] }>;
  remember(ref: FileRef): Promise<void>;
  /** Native dialogs of the desktop; `null` where cancelled. A server has none and throws. */
  pickForOpening(): Promise<readonly FileRef[] | null>;
  pickForSaving(suggestedName: string): Promise<FileRef | null>;
  /** A scratch target that the browser then downloads from the returned URL path. A desktop has none and throws. */
  createDownload(name: string): Promise<{ readonly path: string; readonly url: string }>;
}
