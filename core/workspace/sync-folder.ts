import { open } from 'node:fs/promises';
import { errnoOf } from './errno.ts';

/** Makes the names in a folder survive a power failure. Systems that cannot sync folders need not. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Windows opens no folders, and some network file systems refuse to sync them.
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP'].includes(errnoOf(error) ?? '')) throw error;
  }
}
