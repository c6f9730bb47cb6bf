import { basename, resolve } from 'node:path';
import { stampOf } from '../../checkpoint/byte-source.ts';
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../checkpoint/open.ts';
import { FileChangedError, InvalidArgumentError } from '../../errors.ts';
import type { FileStamp } from '../../ndarray/lazy-tensor.ts';
import type { Edit, EditedFile } from '../edits.ts';
import { DocumentState } from '../state/document-state.ts';
import type { PlannedEdit } from './planned-edit.ts';

interface SourceFile {
  readonly checkpoint: Checkpoint;
  readonly stamp: FileStamp;
}

type Replay = (state: DocumentState, edit: Edit) => Promise<PlannedEdit>;

/**
 * The files that an edit takes values from. Each is opened once, only to look for tensors: what it holds is
 * read when somebody looks, and refused where it is another file by then.
 */
export class SourceFiles {
  readonly #replay: Replay;
  readonly #files = new Map<string, Promise<SourceFile>>();
  readonly #states = new Map<EditedFile, Promise<DocumentState>>();

  /** `replay` plans the edits of files with edits. */
  constructor(replay: Replay) {
    this.#replay = replay;
  }

  /** Throws `FileChangedError` where the file is not in the state that was recorded. */
  async file(path: string, recorded: FileStamp | undefined): Promise<SourceFile> {
    const known = this.#files.get(path) ?? opened(path);
    this.#files.set(path, known);
    const file = await known;
    if (recorded) checkStamp(path, recorded, file.stamp);
    return file;
  }

  /** What the edits make of the file. Throws as `file` and the edits do. */
  async edited(source: EditedFile | undefined): Promise<DocumentState> {
    if (!source) throw new InvalidArgumentError('The edit speaks of an edited file that does not come with it.');
    const known = this.#states.get(source) ?? this.#replayed(source);
    this.#states.set(source, known);
    return await known;
  }

  async #replayed({ file, stamp, edits }: EditedFile): Promise<DocumentState> {
    const { checkpoint } = await this.file(resolve(file), stamp);
    const state = new DocumentState(checkpoint, (_entry, position) => position);
    for (const edit of edits) state.apply((await this.#replay(state, edit)).change);
    return state;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#states.values());
    for (const file of await Promise.allSettled(this.#files.values())) {
      if (file.status === 'fulfilled') await file.value.checkpoint.close();
    }
  }
}

async function opened(path: string): Promise<SourceFile> {
  const checkpoint = await openCheckpoint(path);
  const { size, mtimeMs, ino } = await stampOf(checkpoint.path);
  return { checkpoint, stamp: { size, mtimeMs, ino } };
}

function checkStamp(path: string, recorded: FileStamp, now: FileStamp): void {
  if (recorded.size === now.size && recorded.mtimeMs === now.mtimeMs && recorded.ino === now.ino) return;
  throw new FileChangedError(
    `${basename(path)} is no longer the file that was copied from: put it back, or copy again.`,
    { file: basename(path) },
  );
}
