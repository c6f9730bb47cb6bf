import { randomBytes } from 'node:crypto';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { InvalidArgumentError, ParascopeError, SaveFailedError } from '../errors.ts';
import type { ByteStream } from '../ndarray/array-file.ts';
import { WRITE_REASONS } from './write-reasons.ts';

/** A file that is being written from its first byte to its last. */
export class FileSink {
  readonly #handle: FileHandle;
  #position = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  get position(): number {
    return this.#position;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#put(bytes, this.#position);
    this.#position += bytes.length;
  }

  /** @throws InvalidArgumentError where the stream does not give the bytes that it announces. */
  async pipe(stream: ByteStream): Promise<void> {
    const start = this.#position;
    for await (const chunk of stream.chunks()) await this.write(chunk);
    const written = this.#position - start;
    if (written === stream.nbytes) return;
    throw new InvalidArgumentError(`An array of ${stream.nbytes} bytes gave ${written}.`);
  }

  /** Overwrites what was written before. */
  patch(position: number, bytes: Uint8Array): Promise<void> {
    return this.#put(bytes, position);
  }

  async #put(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  }
}

/**
 * Writes a file beside `path` and puts it in its place once it is complete and on disk; until then,
 * and where `write` fails, `path` is as it was.
 *
 * @throws SaveFailedError where the system refuses.
 */
export async function replaceFile(path: string, write: (sink: FileSink) => Promise<void>): Promise<void> {
  const target = await realpath(path).catch(() => resolve(path));
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const mode = await stat(target).then(
      (stats) => stats.mode & 0o7777,
      () => null,
    );
    await writeWhole(temporary, write, mode);
    await rename(temporary, target);
    await syncFolder(dirname(target));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw saveError(path, error);
  }
}

async function writeWhole(path: string, write: (sink: FileSink) => Promise<void>, mode: number | null): Promise<void> {
  await using handle = await open(path, 'wx', 0o666);
  if (mode !== null) await handle.chmod(mode);
  await write(new FileSink(handle));
  await handle.sync();
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

function saveError(path: string, error: unknown): unknown {
  if (error instanceof ParascopeError || !(error instanceof Error) || !('code' in error)) return error;
  const code = String(error.code);
  const name = basename(path);
  const reason = WRITE_REASONS[code] ?? error.message;
  return new SaveFailedError(`Writing ${name} failed: ${reason}. What was there before is as it was.`, {
    file: name,
    cause: code,
  });
}
