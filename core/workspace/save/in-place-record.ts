import { createHash } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { FileAccessError } from '../../errors.ts';
import { THIS_PROCESS } from '../../process-identity.ts';
import { errnoOf } from '../errno.ts';
import { syncFolder } from '../sync-folder.ts';
import type { RecordHeader } from './in-place-header.ts';

export interface BytePatch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** What an in-place save is about to do, and how it is undone. */
export interface InPlaceRecord {
  readonly writer: RecordHeader['writer'];
  readonly stamp: RecordHeader['stamp'];
  /** The old bytes; null where they did not reach the disk. */
  readonly former: readonly BytePatch[] | null;
  /** The new bytes, with the modification time that goes with them; null where they did not reach the disk. */
  readonly next: { readonly patches: readonly BytePatch[]; readonly mtimeMs: number } | null;
}

export interface NewRecord {
  readonly stamp: RecordHeader['stamp'];
  readonly former: readonly BytePatch[];
  readonly patches: readonly BytePatch[];
  readonly mtimeMs: number;
}

/** Where the record of a save to `target` lies while the save goes on. */
export function recordPath(target: string): string {
  return `${target}.parascope-undo`;
}

/** Bytes that a record over `nbytes` changed ones takes, nearly. */
export function recordBytes(nbytes: number): number {
  return 2 * nbytes;
}

/** More than any save writes: 64 MiB twice, and where they belong. */
const MAX_RECORD_BYTES = 2 ** 29;

/** On disk when it returns; where it throws there is none. */
export async function writeRecord(target: string, { stamp, former, patches, mtimeMs }: NewRecord): Promise<void> {
  const [undo, redo] = [former, patches].map((ranges) => Buffer.concat(ranges.map(({ bytes }) => bytes)));
  const header: RecordHeader = {
    parascopeUndo: 1,
    writer: THIS_PROCESS,
    stamp,
    ranges: former.map(({ offset, bytes }) => ({ offset, nbytes: bytes.length })),
    sha256: digest(undo),
    redo: { sha256: digest(redo), mtimeMs },
  };
  const handle = await open(recordPath(target), 'wx', 0o600);
  try {
    for (const part of [Buffer.from(`${JSON.stringify(header)}\n`), undo, redo]) {
      if (part) await handle.writeFile(part);
    }
    await handle.sync();
  } catch (error) {
    await rm(recordPath(target), { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  await syncFolder(dirname(target));
}

/**
 * `'torn'`: nothing of it is whole, so that the file had not been touched yet. Null where there is none.
 *
 * @throws FileAccessError where what lies in its place cannot be a record.
 */
export async function readRecord(target: string): Promise<InPlaceRecord | 'torn' | null> {
  const content = await recordContent(recordPath(target));
  if (content === null) return null;
  const end = content.indexOf(0x0a);
  const header = end < 0 ? null : await parseHeader(content.toString('utf8', 0, end));
  if (!header) return 'torn';
  const { writer, stamp, ranges, sha256, redo } = header;
  const nbytes = ranges.reduce((sum, range) => sum + range.nbytes, 0);
  const undone = end + 1 + nbytes;
  const former = patchesIn(content.subarray(end + 1, undone), { ranges, sha256 });
  const patches = redo ? patchesIn(content.subarray(undone), { ranges, sha256: redo.sha256 }) : null;
  if (!former && !patches) return 'torn';
  return { writer, stamp, former, next: redo && patches ? { patches, mtimeMs: redo.mtimeMs } : null };
}

async function recordContent(path: string): Promise<Buffer | null> {
  const found = await stat(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  });
  if (found === null) return null;
  if (found.isFile() && found.size <= MAX_RECORD_BYTES) return await readFile(path);
  const what = found.isFile()
    ? `it has ${found.size} bytes, and no record has more than ${MAX_RECORD_BYTES}`
    : 'it is no file';
  throw new FileAccessError(
    `${basename(path)} is no record of a save in place: ${what}. Move it away, and open the checkpoint again.`,
  );
}

export async function removeRecord(target: string): Promise<void> {
  await rm(recordPath(target), { force: true });
  await syncFolder(dirname(target));
}

/** There hardly ever is a record: what parses it is loaded where there is. */
async function parseHeader(text: string): Promise<RecordHeader | null> {
  const { headerSchema } = await import('./in-place-header.ts');
  try {
    return headerSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

function patchesIn(bytes: Buffer, { ranges, sha256 }: Pick<RecordHeader, 'ranges' | 'sha256'>): BytePatch[] | null {
  if (digest(bytes) !== sha256) return null;
  let at = 0;
  return ranges.map(({ offset, nbytes }) => {
    const patch = { offset, bytes: bytes.subarray(at, at + nbytes) };
    at += nbytes;
    return patch;
  });
}

function digest(bytes: Buffer = Buffer.alloc(0)): string {
  return createHash('sha256').update(bytes).digest('hex');
}
