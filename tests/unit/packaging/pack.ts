import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** In every Electron binary: the mark before its fuses, then their version and number, then one state each. */
const FUSE_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES = '\x01\x09101100000';

/**
 * Packs the app as `npm run package` does, around a stand-in for Electron's binary that has nothing but
 * fuses. Answers the folder of the packed app.
 */
export async function packApp(root: string, folder: string): Promise<string> {
  const electronDist = join(folder, 'electron');
  await mkdir(join(electronDist, 'locales'), { recursive: true });
  await writeFile(join(electronDist, 'electron'), Buffer.from(`\x7fELF${FUSE_MARK}${FUSES}\0\0`, 'latin1'), {
    mode: 0o755,
  });
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'version', 'locales/en-US.pak']) {
    await writeFile(join(electronDist, name), '');
  }
  const output = join(folder, 'release');
  const builder = join(root, 'node_modules/electron-builder/cli.js');
  const settings = [`-c.electronDist=${electronDist}`, `-c.directories.output=${output}`];
  await promisify(execFile)(process.execPath, [builder, '--linux', 'dir', '--publish', 'never', ...settings], {
    cwd: root,
  });
  return join(output, 'linux-unpacked');
}
