import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { CheckpointFormatError, UnsafeCheckpointError } from '../../errors.ts';
import type { FileSource } from '../byte-source.ts';
import { accessError } from '../file-errors.ts';

/** Longer than any file system's paths. */
const MAX_LOCATION = 4096;

/** Why a location cannot be accepted from a model; null where it is a path below the model's folder. */
export function unsafeLocation(location: string): string | null {
  if (location === '') return 'it is empty';
  if (location.length > MAX_LOCATION) return `it is longer than ${MAX_LOCATION} characters`;
  if (location.includes('\0')) return 'it holds a NUL character';
  if (isAbsolute(location) || /^[a-z]:/i.test(location)) return 'it is an absolute path';
  if (location.includes('\\')) return 'it holds a backslash';
  if (location.split('/').includes('..')) return 'it leads outside the folder of the model';
  return null;
}

/** The files that hold external data of a model, beside it or below its folder; each is opened once. */
export class ExternalFiles {
  /** The model first. */
  readonly sources: FileSource[];
  readonly model: FileSource;
  readonly #byLocation = new Map<string, number>();

  constructor(model: FileSource) {
    this.model = model;
    this.sources = [model];
  }

  /**
   * Index into `sources` of the file at `location`.
   *
   * @throws UnsafeCheckpointError where the location or a link leaves the folder of the model.
   * @throws CheckpointFormatError where there is no such file.
   */
  async open(location: string, what: string): Promise<number> {
    const known = this.#byLocation.get(location);
    if (known !== undefined) return known;
    const path = await this.#resolve(location, what);
    const index = this.sources.push(await this.model.beside(path)) - 1;
    this.#byLocation.set(location, index);
    return index;
  }

  async #resolve(location: string, what: string): Promise<string> {
    const file = this.model.name;
    const shown = JSON.stringify(location.length > 200 ? `${location.slice(0, 200)}…` : location);
    const reason = unsafeLocation(location);
    if (reason !== null) {
      throw new UnsafeCheckpointError(`${file}: ${what} has its data in ${shown}; ${reason}. Nothing was opened.`, {
        file,
      });
    }
    const path = join(dirname(this.model.path), location);
    const target = await realpathOf(path, `${file}: ${what} has its data in ${shown}`, file);
    const folders = await Promise.all([realpath(dirname(this.model.path)), realpath(this.model.path).then(dirname)]);
    if (folders.some((folder) => isInside(folder, target))) return path;
    throw new UnsafeCheckpointError(
      `${file}: ${what} has its data in ${shown}, a link that leads outside the folder of the model. It was not opened.`,
      { file },
    );
  }
}

function isInside(folder: string, target: string): boolean {
  const way = relative(folder, target);
  return !isAbsolute(way) && way.split(sep)[0] !== '..';
}

async function realpathOf(path: string, sentence: string, file: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new CheckpointFormatError(`${sentence}, which is missing. Put that file beside the model.`, { file });
    }
    throw accessError(path, error);
  }
}
