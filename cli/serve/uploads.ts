import { randomBytes } from 'node:crypto';
import { type FileHandle, open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileRef } from '../../core/api/file-access.ts';
import { RequestError } from './answer.ts';
import { scratchName } from './checkpoint-names.ts';
import type { Scratch } from './scratch.ts';
import { type UploadFolder, UploadFolders, type UploadFoldersOptions } from './upload-folders.ts';

export const MAX_PIECE_BYTES = 8 * 2 ** 20;
const MAX_UPLOADS = 64;
const IDLE_LIMIT_MS = 15 * 60_000;
const SWEEP_EVERY_MS = 60_000;

interface Upload {
  readonly name: string;
  readonly size: number;
  readonly folder: UploadFolder;
  readonly path: string;
  received: number;
  /** Aborts the piece that is being written; null between pieces. */
  writing: AbortController | null;
  touchedAt: number;
}

/**
 * Files on their way from a browser into the scratch folder, in pieces and in order, so that a
 * broken connection costs one piece and a full disk is known before the first.
 */
export class Uploads {
  readonly #scratch: Scratch;
  readonly #folders: UploadFolders;
  readonly #uploads = new Map<string, Upload>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(options: UploadFoldersOptions) {
    this.#scratch = options.scratch;
    this.#folders = new UploadFolders(options);
    this.#sweeper = setInterval(() => this.sweep(Date.now()), SWEEP_EVERY_MS).unref();
  }

  /**
   * Reserves room for `size` bytes; answers the number under which the pieces are to come. Uploads of
   * one `group` lie side by side under their own names.
   */
  async begin(name: string, size: number, group: string | null = null): Promise<string> {
    if (this.#uploads.size >= MAX_UPLOADS) {
      throw new RequestError(429, 'FILE_ACCESS', { message: 'Too many uploads at once. Finish or cancel one first.' });
    }
    const free = await this.#scratch.available();
    const reserved = [...this.#uploads.values()].reduce((sum, upload) => sum + upload.size - upload.received, 0);
    const available = free - reserved;
    if (size > available) {
      const message = `${name} needs ${size} bytes, but the server's scratch folder has room for ${Math.max(0, available)}.`;
      throw new RequestError(507, 'FILE_ACCESS', { message, details: { needed: size, available } });
    }
    const id = randomBytes(16).toString('base64url');
    const folder = await this.#folders.claim(group);
    const path = join(folder.directory, scratchName(name));
    try {
      await (await open(path, 'wx', 0o600)).close();
    } catch (error) {
      await this.#folders.giveUp(folder, null);
      throw isTaken(error) ? nameTaken(name) : error;
    }
    this.#uploads.set(id, { name, size, folder, path, received: 0, writing: null, touchedAt: Date.now() });
    return id;
  }

  /** Appends a piece at `offset`, which must be what has been received so far; answers the new total. */
  async append(id: string, offset: number, piece: AsyncIterable<Uint8Array>): Promise<number> {
    const upload = this.#find(id);
    if (upload.writing) {
      throw new RequestError(409, 'INVALID_STATE', { message: 'A piece of this upload is being written.' });
    }
    if (offset !== upload.received) {
      const message = `The piece starts at ${offset}, but ${upload.received} bytes have been received.`;
      throw new RequestError(409, 'INVALID_ARGUMENT', { message, details: { expected: upload.received } });
    }
    const writing = new AbortController();
    upload.writing = writing;
    try {
      upload.received = await writePiece(upload, piece, writing.signal);
    } finally {
      upload.writing = null;
      upload.touchedAt = Date.now();
    }
    return upload.received;
  }

  /** The file is whole: grants it to the page. */
  finish(id: string): FileRef {
    const upload = this.#find(id);
    if (upload.writing || upload.received !== upload.size) {
      const message = `${upload.name} is not complete: ${upload.received} of ${upload.size} bytes have been received.`;
      throw new RequestError(409, 'INVALID_STATE', { message, details: { expected: upload.received } });
    }
    this.#uploads.delete(id);
    return this.#folders.arrive(upload.folder, { path: upload.path, name: upload.name });
  }

  async cancel(id: string): Promise<void> {
    const upload = this.#find(id);
    this.#uploads.delete(id);
    upload.writing?.abort();
    await this.#folders.giveUp(upload.folder, upload.path);
  }

  /** Removes what has been idle for too long at `now`: unfinished uploads, and whole ones that no document uses. */
  sweep(now: number): void {
    for (const [id, { touchedAt, writing }] of this.#uploads) {
      if (!writing && now - touchedAt > IDLE_LIMIT_MS) this.cancel(id).catch((error: unknown) => console.error(error));
    }
    this.#folders.sweep(now, IDLE_LIMIT_MS);
  }

  close(): void {
    clearInterval(this.#sweeper);
    for (const upload of this.#uploads.values()) upload.writing?.abort();
    this.#uploads.clear();
  }

  #find(id: string): Upload {
    const upload = this.#uploads.get(id);
    if (!upload) throw new RequestError(404, 'NOT_FOUND', { message: 'There is no such upload. It may have expired.' });
    return upload;
  }
}

/** Writes all of the piece or nothing: what a broken piece left behind is cut off again. */
async function writePiece(upload: Upload, piece: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<number> {
  const limit = Math.min(upload.size, upload.received + MAX_PIECE_BYTES);
  let position = upload.received;
  const file: FileHandle = await open(upload.path, 'r+');
  try {
    for await (const bytes of piece) {
      if (signal.aborted) throw new RequestError(409, 'CANCELLED', { message: 'The upload was cancelled.' });
      if (position + bytes.byteLength > limit) throw pieceTooLarge(upload);
      await writeAll(file, bytes, position);
      position += bytes.byteLength;
    }
    return position;
  } catch (error) {
    await truncate(upload.path, upload.received).catch(() => {});
    throw error;
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) {
    done += (await file.write(bytes, done, bytes.byteLength - done, position + done)).bytesWritten;
  }
}

function pieceTooLarge({ name, size }: Upload): RequestError {
  const message = `A piece of ${name} is too large: at most ${MAX_PIECE_BYTES} bytes each and ${size} in all.`;
  return new RequestError(413, 'INVALID_ARGUMENT', { message, details: { pieceLimit: MAX_PIECE_BYTES, size } });
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

function nameTaken(name: string): RequestError {
  return new RequestError(409, 'INVALID_ARGUMENT', { message: `Two files of this drop are named ${name}.` });
}
