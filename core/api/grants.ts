import { randomBytes } from 'node:crypto';
import { FileAccessError } from '../errors.ts';
import type { FileRef, ResolvedFile } from './file-access.ts';

export interface GrantedFile extends ResolvedFile {
  /** Whether the file belongs into the list of recent files: not scratch, not the sample. */
  readonly lasting: boolean;
}

/**
 * The single files that pages may touch, by random number. One path has one number for as long as
 * the host runs, so that a file granted twice is still one file to the page.
 */
export class Grants {
  readonly #byId = new Map<string, GrantedFile>();
  readonly #idByPath = new Map<string, string>();

  /** `file.path` is absolute. A later grant of the same path replaces the earlier. */
  grant(file: GrantedFile): FileRef & { readonly kind: 'grant' } {
    const id = this.#idByPath.get(file.path) ?? randomBytes(16).toString('base64url');
    this.#byId.set(id, file);
    this.#idByPath.set(file.path, id);
    return { kind: 'grant', id };
  }

  /** Throws `FileAccessError` for a number that was never given out or was withdrawn. */
  find(id: string): GrantedFile {
    const file = this.#byId.get(id);
    if (!file) throw new FileAccessError('This file is not open to the page any more. Open it again.', { grant: id });
    return file;
  }

  withdraw(ref: FileRef & { readonly kind: 'grant' }): void {
    const file = this.#byId.get(ref.id);
    this.#byId.delete(ref.id);
    if (file) this.#idByPath.delete(file.path);
  }

  /** The grant of a path, where there is one. */
  refOf(path: string): FileRef | null {
    const id = this.#idByPath.get(path);
    return id === undefined ? null : { kind: 'grant', id };
  }
}
