import { InvalidArgumentError } from '../../../errors.ts';
import { MESSAGE } from '../object-header.ts';
import type { HdfFile, HdfLink, HdfObject } from './model.ts';

/** The largest rank that the library reads (H5S_MAX_RANK). */
export const MAX_RANK = 32;
/** A name of a link; the library has no limit, paths of programs have. */
const MAX_NAME = 1024;

/** Why `name` cannot be the path of a dataset, as a sentence; null where it can. */
export function pathProblem(name: string): string | null {
  if (!name.startsWith('/')) return `The name of an HDF5 dataset is its path: call it '/${name}'.`;
  for (const part of partsOf(name)) {
    if (part === '' || part === '.' || part.includes('\0')) {
      return `'${name}' cannot be a path in an HDF5 file: none of its parts may be empty, '.' or hold a NUL.`;
    }
    if (Buffer.byteLength(part) > MAX_NAME)
      return `A part of '${name.slice(0, 64)}…' is longer than ${MAX_NAME} bytes.`;
  }
  return null;
}

export function partsOf(path: string): string[] {
  return path.split('/').slice(1);
}

/** The groups of a file as paths, open to changes. */
export class ObjectPaths {
  readonly #file: HdfFile;

  constructor(file: HdfFile) {
    this.#file = file;
  }

  get root(): HdfObject {
    return this.#file.root;
  }

  /** The object at a path, along hard links. */
  find(path: string): HdfObject | undefined {
    let object: HdfObject | undefined = this.root;
    for (const part of path === '' ? [] : partsOf(path)) object = object?.group?.links.get(part)?.object ?? undefined;
    return object;
  }

  /** Takes a name out of its group, and gives what it stood for. */
  detach(path: string): HdfLink {
    const { parent, name } = splitPath(path);
    const links = this.find(parent)?.group?.links;
    const link = links?.get(name);
    if (!links || !link) throw new TypeError(`There is no '${path}' to take away.`);
    links.delete(name);
    return link;
  }

  /** Puts a name into its group, which is made where it is not there. @throws InvalidArgumentError where the name is taken */
  attach(path: string, link: HdfLink): void {
    const { parent, name } = splitPath(path);
    const links = this.#group(parent).group?.links;
    if (!links || links.has(name)) {
      throw new InvalidArgumentError(`'${path}' cannot be the name of a tensor: something else of the file has it.`);
    }
    links.set(name, link);
  }

  /** Removes the group at a path where it holds nothing and says nothing, and those above it likewise; `fixed` stay. */
  prune(path: string, fixed: ReadonlySet<string>): void {
    for (let at = path; at !== '' && !fixed.has(at); at = splitPath(at).parent) {
      const object = this.find(at);
      if (!object?.group || object.group.links.size > 0 || object.attributes.length > 0) return;
      this.detach(at);
    }
  }

  #group(path: string): HdfObject {
    const known = this.find(path);
    if (known) return known;
    const made = this.#newGroup();
    this.attach(path, { object: made, soft: null, stored: null });
    return made;
  }

  /** As the root is: of the old style or of the new. */
  #newGroup(): HdfObject {
    const { style, group, messages } = this.root;
    const symbols = group?.symbols ?? true;
    const isSetting = (type: number): boolean => type === MESSAGE.linkInfo || type === MESSAGE.groupInfo;
    const kept = messages.filter(({ type }) => isSetting(type));
    return {
      style,
      messages: kept,
      attributes: [],
      group: { links: new Map(), symbols },
      storage: null,
      described: null,
    };
  }
}

/** `/a/b` is `b` in `/a`; what lies in the root is in the empty path. */
export function splitPath(path: string): { parent: string; name: string } {
  const at = path.lastIndexOf('/');
  return { parent: path.slice(0, at), name: path.slice(at + 1) };
}
