import { opendir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import type { DirectoryEntry, DirectoryListing, ResolvedFile, Root } from '../../core/api/file-access.ts';
import { asFileAccessError, regularFile, writableTarget } from '../../core/api/regular-file.ts';
import { FileAccessError } from '../../core/errors.ts';
import { writableEndings } from '../../core/workspace/writable-format.ts';
import { isCheckpointName, writableEnding } from './checkpoint-names.ts';

/** A file browser is for folders that people made; more than this nobody scrolls through. */
const MAX_ENTRIES = 10_000;
/** Files whose facts are asked for at the same time. */
const STAT_BATCH = 64;

interface ServedRoot extends Root {
  /** Absolute, links resolved. */
  readonly directory: string;
}

/** The folders that `serve` was told to show. Nothing outside them is reachable, whatever links say. */
export class Roots {
  readonly #roots: readonly ServedRoot[];

  private constructor(roots: readonly ServedRoot[]) {
    this.#roots = roots;
  }

  static async of(directories: readonly string[]): Promise<Roots> {
    const resolved = await Promise.all(directories.map(resolveRoot));
    const roots = [...new Set(resolved)].map((directory, index) => ({
      id: `root-${index + 1}`,
      name: basename(directory) || directory,
      directory,
    }));
    return new Roots(roots);
  }

  all(): readonly Root[] {
    return this.#roots.map(({ id, name }) => ({ id, name }));
  }

  async resolveForReading(root: string, path: string): Promise<ResolvedFile> {
    const served = this.#find(root);
    const file = await regularFile(lexicalPath(served, path));
    assertInside(served, file.path, path);
    assertInside(served, file.target, path);
    return { path: file.path, name: file.name, savable: file.savable };
  }

  /** Only checkpoint names can be written: a page must not be able to replace a script or a key file. */
  async resolveForWriting(root: string, path: string): Promise<ResolvedFile> {
    const served = this.#find(root);
    const file = await writableTarget(lexicalPath(served, path));
    assertInside(served, file.path, path);
    assertInside(served, file.target, path);
    if (writableEnding(file.name) === null) {
      throw new FileAccessError(`${file.name} cannot be saved here: the name must end in ${writableEndings()}.`);
    }
    return { path: file.path, name: file.name, savable: file.savable };
  }

  async list(root: string, path: string): Promise<DirectoryListing> {
    const served = this.#find(root);
    const subject = path === '' ? `The folder ${served.name}` : `The folder ${path}`;
    const directory = await realpath(lexicalPath(served, path)).catch((error: unknown) => {
      throw asFileAccessError(error, subject);
    });
    assertInside(served, directory, path);
    const { names, complete } = await visibleNames(directory).catch((error: unknown) => {
      throw asFileAccessError(error, subject);
    });
    const entries: DirectoryEntry[] = [];
    for (let start = 0; start < names.length; start += STAT_BATCH) {
      const batch = names.slice(start, start + STAT_BATCH).map((name) => describe(served, join(directory, name)));
      entries.push(...(await Promise.all(batch)).filter((entry) => entry !== null));
    }
    return { entries: entries.sort(byKindAndName), complete };
  }

  /** The root that holds `path` (absolute, links resolved) and the rest, where one does and the rest is not hidden. */
  locate(path: string): { readonly root: Root; readonly path: string } | null {
    for (const { directory, ...root } of this.#roots) {
      const rest = relative(directory, path);
      if (isInside(directory, path) && !rest.split(sep).some(isHidden)) {
        return { root, path: rest.split(sep).join('/') };
      }
    }
    return null;
  }

  #find(id: string): ServedRoot {
    const root = this.#roots.find((candidate) => candidate.id === id);
    if (!root) throw new FileAccessError(`There is no served folder ${id}.`);
    return root;
  }
}

async function resolveRoot(directory: string): Promise<string> {
  const real = await realpath(resolve(directory)).catch((error: unknown) => {
    throw asFileAccessError(error, `The root ${directory}`);
  });
  if (!(await stat(real)).isDirectory()) throw new FileAccessError(`The root ${directory} is not a folder.`);
  return real;
}

/** Refuses by spelling what no browser of these roots would ask for, before the disk is touched. */
function lexicalPath(root: ServedRoot, path: string): string {
  const segments = path === '' ? [] : path.split('/');
  for (const segment of segments) {
    if (segment === '' || segment === '..' || segment === '.' || segment.includes('\0') || segment.includes(sep)) {
      throw new FileAccessError(`The path ${JSON.stringify(path)} is not a plain path inside ${root.name}.`);
    }
    if (isHidden(segment)) throw new FileAccessError(`Hidden files are not served: ${JSON.stringify(path)}.`);
  }
  return join(root.directory, ...segments);
}

function assertInside(root: ServedRoot, real: string, asked: string): void {
  if (isInside(root.directory, real)) return;
  throw new FileAccessError(`${JSON.stringify(asked)} leads outside ${root.name} and is not served.`);
}

function isInside(directory: string, path: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : `${directory}${sep}`);
}

function isHidden(segment: string): boolean {
  return segment.startsWith('.');
}

async function visibleNames(directory: string): Promise<{ names: string[]; complete: boolean }> {
  const names: string[] = [];
  for await (const { name } of await opendir(directory)) {
    if (isHidden(name)) continue;
    if (names.length === MAX_ENTRIES) return { names, complete: false };
    names.push(name);
  }
  return { names, complete: true };
}

/** Null for what cannot be shown: links that lead outside or nowhere, sockets, pipes. */
async function describe(root: ServedRoot, path: string): Promise<DirectoryEntry | null> {
  try {
    const real = await realpath(path);
    const status = await stat(real);
    if (!isInside(root.directory, real) || !(status.isFile() || status.isDirectory())) return null;
    const name = basename(path);
    return {
      name,
      kind: status.isFile() ? 'file' : 'folder',
      size: status.isFile() ? status.size : 0,
      modifiedAt: status.mtimeMs,
      openable: status.isFile() && isCheckpointName(name),
    };
  } catch {
    return null;
  }
}

const collator = new Intl.Collator('en', { numeric: true });

function byKindAndName(a: DirectoryEntry, b: DirectoryEntry): number {
  if (a.kind !== b.kind) return a.kind === 'folder' ? -1 : 1;
  return collator.compare(a.name, b.name);
}
