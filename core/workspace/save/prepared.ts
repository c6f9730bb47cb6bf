import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FileContent } from './file-content.ts';
import type { Output } from './format-writer.ts';
import { forgetTemporary, temporaryName } from './temporaries.ts';
import type { SaveWork } from './write-file.ts';

/** Files that a save makes beside its target on the way to the new content. */
export class ScratchFiles {
  readonly #paths: string[] = [];

  /** An empty file in the folder of `target`. */
  async begin(target: string): Promise<string> {
    const path = join(dirname(target), temporaryName(basename(target), randomBytes(6).toString('hex')));
    this.#paths.push(path);
    await (await open(path, 'wx', 0o600)).close();
    return path;
  }

  async remove(): Promise<void> {
    for (const path of this.#paths.splice(0)) {
      await rm(path, { force: true });
      forgetTemporary(path);
    }
  }
}

/** What the file will hold, down to the last byte. */
export async function preparedContent(
  { target, content, prepare }: Output,
  { engine, signal }: SaveWork,
  scratch: ScratchFiles,
): Promise<FileContent> {
  if (!prepare) return content;
  return await prepare({ engine, signal, scratch: () => scratch.begin(target) });
}
