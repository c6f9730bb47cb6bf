import type { FileHandle } from 'node:fs/promises';
import { describeDifference, stampOf } from '../../checkpoint/byte-source.ts';
import { CancelledError, FileChangedError } from '../../errors.ts';
import type { TensorEngine } from '../../stats/engine.ts';
import { runBounded } from './bounded.ts';
import { type OriginalFile, type Segment, segmentBytes, writeJobs } from './content.ts';
import { checkFreeSpace, saveError } from './failure.ts';
import { type FileContent, patchBytes } from './file-content.ts';
import { Replacement } from './replacement.ts';
import { readerOf, sealBytes, sealPatches } from './seals.ts';
import { SourceFile } from './source-file.ts';

/** Pieces in flight: the disk, the workers and the next read keep each other busy. */
const WIDTH = 4;

export interface SaveWork {
  readonly engine: TensorEngine;
  readonly signal: AbortSignal;
  readonly onBytes: (count: number) => void;
}

export interface WrittenFile {
  readonly replacement: Replacement;
  readonly bytesWritten: number;
}

/** Bytes that `writeFile` reports as progress. */
export function workOf(content: FileContent): number {
  return (content.base ? content.size : 0) + patchBytes(content);
}

/**
 * Writes `content` beside `target` under a temporary name; nothing is replaced yet, and nothing is
 * left behind on failure. Throws `SaveFailedError`, `FileChangedError` or `CancelledError`.
 */
export async function writeFile(target: string, content: FileContent, work: SaveWork): Promise<WrittenFile> {
  const sources = new SourceFiles();
  let replacement: Replacement | null = null;
  try {
    await sources.open(content);
    const cloned = await Replacement.clone(target, content.base);
    if (cloned) {
      replacement = cloned;
      await assertStill(content.base);
      work.onBytes(content.size);
    } else {
      await checkFreeSpace(target, await sources.spaceFor(content));
      replacement = await Replacement.begin(target);
      await replacement.handle.truncate(content.size);
    }
    const writing = {
      ...work,
      target: replacement.handle,
      source: (file: OriginalFile) => sources.of(file),
      buffers: [],
    };
    const bounds = { width: WIDTH, signal: work.signal };
    const base =
      !cloned && content.base ? [wholeCopy(content.base, Math.min(content.size, content.base.stamp.size))] : [];
    await runBounded(writeJobs(base, { ...writing, overHole: true }), bounds);
    await runBounded(writeJobs(content.segments, { ...writing, overHole: content.base === null }), bounds);
    await writeSeals(content, { sources, handle: replacement.handle, signal: work.signal });
    work.onBytes(sealBytes(content.seals ?? []));
    await sources.check();
    return { replacement, bytesWritten: base.length > 0 ? content.size : patchBytes(content) };
  } catch (error) {
    await replacement?.discard();
    throw work.signal.aborted
      ? new CancelledError('The save was cancelled; the file is as it was.')
      : saveError(target, error);
  } finally {
    await sources.close();
  }
}

interface SealedFile {
  readonly sources: SourceFiles;
  readonly handle: FileHandle;
  readonly signal: AbortSignal;
}

async function writeSeals(
  { base, segments, seals = [] }: FileContent,
  { sources, handle, signal }: SealedFile,
): Promise<void> {
  if (seals.length === 0) return;
  const former = base && sources.of(base);
  const patches = await sealPatches(seals, { base: former, written: readerOf(handle), segments, signal });
  for (const { offset, bytes } of patches) await handle.write(bytes, 0, bytes.length, offset);
}

function wholeCopy(file: OriginalFile, nbytes: number): Segment {
  return { kind: 'copy', to: 0, file, from: 0, nbytes };
}

/** A clone is made by path: the file that was opened must still be the one there. */
async function assertStill(file: OriginalFile | null): Promise<void> {
  if (!file) return;
  const difference = describeDifference(file.stamp, await stampOf(file.path));
  if (difference !== null) throw new FileChangedError(`The file changed while it was copied: ${difference}.`);
}

/** The files that a save copies from, each opened once. */
class SourceFiles {
  readonly #open = new Map<string, SourceFile>();

  async open({ base, segments }: FileContent): Promise<void> {
    const files = segments.flatMap((segment) => (segment.kind === 'copy' ? [segment.file] : []));
    for (const { path, stamp } of base ? [base, ...files] : files) {
      if (!this.#open.has(path)) this.#open.set(path, await SourceFile.open(path, stamp));
    }
  }

  of({ path }: OriginalFile): SourceFile {
    const source = this.#open.get(path);
    if (!source) throw new TypeError(`${path} is not among the files of this save.`);
    return source;
  }

  /** Bytes on disk that the new file will take: holes of the sources stay holes. */
  async spaceFor({ segments, size }: FileContent): Promise<number> {
    let space = segments.reduce((sum, part) => sum + (part.kind === 'copy' ? 0 : segmentBytes(part)), 0);
    for (const source of this.#open.values()) space += await source.allocated();
    return Math.min(space, size);
  }

  async check(): Promise<void> {
    for (const source of this.#open.values()) await source.check();
  }

  async close(): Promise<void> {
    for (const source of this.#open.values()) await source.close();
  }
}
